"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "@/components/trpc/client";
import type { ModelVersion } from "@/components/trpc/outputs";
import { RelativeTime } from "@/components/ui/time";

/** Who changed the signature and why; nothing where it is as it came. */
export function SignatureRevisions({ version }: { version: ModelVersion }) {
  const trpc = useTRPC();
  const ref = { model: version.modelId, version: version.id };
  const query = useQuery(trpc.registry.listSignatures.queryOptions({ ...ref, limit: 20 }));
  const items = query.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <ol aria-label="Revisions of the signature" className="divide-y border-t text-13">
      {items.map(({ revision, note, changedBy, createdAt }) => (
        <li key={revision} className="flex flex-wrap items-baseline gap-x-3 px-4 py-2">
          <span className="font-medium">Revision {revision}</span>
          <span className="min-w-0 flex-1 truncate text-fg-muted">
            {note || (changedBy ? "" : "As the version came.")}
          </span>
          <span className="text-fg-subtle text-xs">
            {changedBy && `${changedBy.name}, `}
            <RelativeTime at={createdAt} />
          </span>
        </li>
      ))}
    </ol>
  );
}
