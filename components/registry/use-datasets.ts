"use client";
import { useQuery } from "@tanstack/react-query";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import type { Option } from "@/components/ui/select";

/** Datasets a choice offers, newest first. */
const OFFERED_MAX = 200;

/** Dataset versions as choices. */
export function useDatasetOptions(): Option[] {
  const trpc = useTRPC();
  const { can } = useWorkspace();
  const datasets = useQuery({
    ...trpc.datasets.list.queryOptions({ limit: OFFERED_MAX }),
    enabled: can("datasets:read"),
  });
  return (datasets.data?.items ?? []).map((one) => ({
    value: one.id,
    label: `${one.name} v${one.version}`,
  }));
}
