"use client";
import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { buttonClass } from "@/components/ui/button-class";
import { Card } from "@/components/ui/card";
import { formatBytes } from "@/components/ui/format";
import { QueryView, TableSkeleton } from "@/components/ui/states";
import { Badge } from "@/components/ui/status";

/** Files of a version, to download. */
export function ArtifactList({ model, version }: { model: string; version: string }) {
  const trpc = useTRPC();
  const { slug } = useWorkspace();
  const artifacts = useQuery(trpc.registry.listVersionArtifacts.queryOptions({ model, version }));
  const href = (path: string) =>
    `/api/v1/models/${model}/versions/${version}/artifacts/${path
      .split("/")
      .map(encodeURIComponent)
      .join("/")}?workspace=${encodeURIComponent(slug)}`;
  return (
    <Card title="Artifacts" flush>
      <QueryView query={artifacts} skeleton={<TableSkeleton rows={4} />}>
        {(data) => (
          <ul className="divide-y">
            {data.map((artifact) => (
              <li key={artifact.path} className="flex items-center gap-3 px-4 py-1.5 text-13">
                <div className="min-w-0 flex-1">
                  <div className="truncate font-mono text-xs" title={artifact.path}>
                    {artifact.path}
                  </div>
                  <div className="text-2xs text-fg-subtle" title={artifact.sha256}>
                    {formatBytes(artifact.sizeBytes)} · sha256 {artifact.sha256.slice(0, 12)}
                  </div>
                </div>
                <Badge>{artifact.kind}</Badge>
                <a
                  href={href(artifact.path)}
                  download
                  aria-label={`Download ${artifact.path}`}
                  className={buttonClass({ variant: "ghost", size: "icon-sm" })}
                >
                  <Download aria-hidden className="size-3.5" />
                </a>
              </li>
            ))}
          </ul>
        )}
      </QueryView>
    </Card>
  );
}
