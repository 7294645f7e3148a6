"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "@/components/trpc/client";
import { Badge } from "@/components/ui/status";

/** The aliases that point at a version. */
export function VersionAliases({ model, version }: { model: string; version: string }) {
  const trpc = useTRPC();
  const aliases = useQuery(trpc.registry.listAliases.queryOptions({ model }));
  const own = (aliases.data ?? []).filter((one) => one.versionId === version);
  return own.map(({ alias }) => (
    <Badge key={alias} tone="active" mono>
      @{alias}
    </Badge>
  ));
}
