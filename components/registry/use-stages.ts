"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";
import { humanize } from "@/components/ui/format";

export type Stage = Outputs["registry"]["listStages"]["items"][number];

/** The stages of the workspace, from left to right; empty while they are asked for. */
export function useStages(): Stage[] {
  const trpc = useTRPC();
  const stages = useQuery({ ...trpc.registry.listStages.queryOptions(), staleTime: 30_000 });
  return stages.data?.items ?? [];
}

/** A stage's name today; a key whose stage is gone reads as it is. */
export const stageName = (stages: Stage[], key: string): string =>
  stages.find((stage) => stage.key === key)?.name ?? humanize(key);
