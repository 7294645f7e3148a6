"use client";
import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext } from "react";
import { useTRPC } from "@/components/trpc/client";
import { humanize } from "@/components/ui/format";
import { type Permission, rolesWith } from "@/server/access/constants";
import { pathIn } from "./navigation";

interface WorkspaceValue {
  slug: string;
  name: string;
  role: string;
  permissions: ReadonlySet<string>;
  user: { id: string; name: string; email: string | null };
  workspaces: { id: string; slug: string; name: string; role: string }[];
}

const WorkspaceContext = createContext<WorkspaceValue | null>(null);

export function WorkspaceProvider({
  value,
  children,
}: {
  value: WorkspaceValue;
  children: ReactNode;
}) {
  return <WorkspaceContext value={value}>{children}</WorkspaceContext>;
}

/** The workspace the page is in, who looks at it and what they may do. */
export function useWorkspace() {
  const value = useContext(WorkspaceContext);
  if (!value) throw new Error("useWorkspace works inside a workspace page only");
  return {
    ...value,
    can: (permission: Permission) => value.permissions.has(permission),
    path: (...segments: (string | number)[]) => pathIn(value.slug, ...segments),
  };
}

/** Children for those who may; for the others nothing, or a line that says whom to ask. */
export function Allowed({
  permission,
  explain,
  children,
}: {
  permission: Permission;
  explain?: boolean;
  children: ReactNode;
}) {
  const { can } = useWorkspace();
  if (can(permission)) return children;
  return explain ? <WhomToAsk permission={permission} /> : null;
}

/** What a permission is for, after "To …". */
const PURPOSES: Partial<Record<Permission, string>> = {
  "datasets:write": "upload or delete datasets",
  "training:write": "start or cancel trainings",
  "experiments:write": "change experiments",
  "models:write": "create or change models",
  "deployments:write": "deploy or roll back",
  "predictions:create": "ask for predictions",
  "members:write": "invite or change members",
  "api_keys:write": "create or revoke keys",
  "api_keys:read": "see the API keys",
  "workspace:write": "change the workspace",
  "audit:read": "read the audit trail",
  "privacy:export": "export what is stored about a person",
  "privacy:erase": "erase a person",
  "stages:write": "change stages and gates",
  "approvals:write": "approve or reject requests",
};

/** At most so many colleagues are named; more would be a crowd, not help. */
const NAMED_MAX = 3;

/** Colleagues who may do what the reader may not, administrators first. */
function useWhoMay(permission: Permission): string[] {
  const trpc = useTRPC();
  const { can, user } = useWorkspace();
  const enabled = can("members:read");
  const members = useQuery({ ...trpc.access.listMembers.queryOptions(), enabled });
  const roles = useQuery({ ...trpc.access.listRoles.queryOptions(), enabled });
  const able = new Set(
    (roles.data?.items ?? [])
      .filter((role) => role.permissions.includes(permission))
      .map((role) => role.name),
  );
  const people = (members.data?.items ?? []).filter(
    (member) => able.has(member.role) && member.userId !== user.id,
  );
  const admins = people.filter((member) => member.role === "admin");
  return [...new Set([...admins, ...people].map((member) => member.name))].slice(0, NAMED_MAX);
}

const orList = new Intl.ListFormat("en-US", { type: "disjunction" });

/** Names the people who may do what the reader may not; where none is known, the roles. */
export function WhomToAsk({ permission }: { permission: Permission }) {
  const people = useWhoMay(permission);
  const roles = rolesWith(permission).map((role) => humanize(role).toLowerCase());
  return (
    <p className="text-fg-subtle text-xs">
      To {PURPOSES[permission] ?? "do this"}, ask{" "}
      {people.length > 0
        ? orList.format(people)
        : `a colleague with the role ${orList.format(roles)}`}
      .
    </p>
  );
}
