"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "@/components/trpc/client";
import { ApprovalBox } from "./approval-box";

/** The request about a version that waits; else nothing. */
export function VersionApprovals({ model, version }: { model: string; version: string }) {
  const trpc = useTRPC();
  const open = useQuery(
    trpc.registry.listApprovals.queryOptions({ model, version, state: "open", limit: 1 }),
  );
  const [waiting] = open.data?.items ?? [];
  if (!waiting) return null;
  return (
    <div className="mb-4">
      <ApprovalBox id={waiting.id} />
    </div>
  );
}
