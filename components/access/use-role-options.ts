"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "@/components/trpc/client";
import { humanize } from "@/components/ui/format";
import type { Option } from "@/components/ui/select";
import { ROLE_OPTIONS } from "./role-options";

interface RoleItem {
  name: string;
  description: string;
  permissions: string[];
  builtIn: boolean;
}

/** Every role with what it may do: built in, weakest first, then the workspace's own. */
export function useRoles(): RoleItem[] {
  const trpc = useTRPC();
  return useQuery(trpc.access.listRoles.queryOptions()).data?.items ?? [];
}

/** Every role of the workspace as a choice: built in, then its own. */
export function useRoleOptions(): Option<string>[] {
  const own = useRoles().filter((role) => !role.builtIn);
  return [
    ...ROLE_OPTIONS,
    ...own.map((role) => ({
      value: role.name,
      label: humanize(role.name),
      detail: role.description || "custom",
    })),
  ];
}
