"use client";
import { useQueries, useQuery } from "@tanstack/react-query";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { humanize } from "@/components/ui/format";
import type { Option } from "@/components/ui/select";
import type { GRANTEE_TYPES } from "@/server/access/constants";
import { useRoleOptions } from "./use-role-options";

export type GranteeType = (typeof GRANTEE_TYPES)[number];

/** Everybody a grant can name, by kind. */
export function useGrantees(): Record<GranteeType, Option[]> {
  const trpc = useTRPC();
  const { can } = useWorkspace();
  const members = useQuery(trpc.access.listMembers.queryOptions());
  const keys = useQuery({
    ...trpc.access.listApiKeys.queryOptions(),
    enabled: can("api_keys:read"),
  });
  const roles = useRoleOptions();
  return {
    user: (members.data?.items ?? []).map((member) => ({
      value: member.userId,
      label: member.name,
      detail: humanize(member.role),
    })),
    role: roles,
    api_key: (keys.data?.items ?? [])
      .filter((key) => !key.revokedAt)
      .map((key) => ({ value: key.id, label: key.name, detail: `${key.prefix}…` })),
  };
}

/** Names of models by id, asked in one batch. */
export function useModelNames(ids: string[]): Map<string, string> {
  const trpc = useTRPC();
  const { can } = useWorkspace();
  return useQueries({
    queries: ids.map((model) => ({
      ...trpc.registry.getModel.queryOptions({ model }),
      enabled: can("models:read"),
    })),
    combine: (answers) =>
      new Map(answers.flatMap(({ data }) => (data ? [[data.id, data.name] as const] : []))),
  });
}
