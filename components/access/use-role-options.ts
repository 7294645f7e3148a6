"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "@/components/trpc/client";
import { humanize } from "@/components/ui/format";
import type { Option } from "@/components/ui/select";
import { ROLE_OPTIONS } from "./role-options";

/** Every role of the workspace as a choice: built in, then its own. */
export function useRoleOptions(): Option<string>[] {
  const trpc = useTRPC();
  const roles = useQuery(trpc.access.listRoles.queryOptions());
  const own = (roles.data?.items ?? []).filter((role) => !role.builtIn);
  return [
    ...ROLE_OPTIONS,
    ...own.map((role) => ({
      value: role.name,
      label: humanize(role.name),
      detail: role.description || "custom",
    })),
  ];
}
