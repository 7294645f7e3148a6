"use client";
import { createContext, type ReactNode, useContext } from "react";
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
};

/** Names the roles that may do what the reader may not. */
export function WhomToAsk({ permission }: { permission: Permission }) {
  const roles = rolesWith(permission).map((role) => humanize(role).toLowerCase());
  return (
    <p className="text-fg-subtle text-xs">
      To {PURPOSES[permission] ?? "do this"}, ask a colleague with the role{" "}
      {roles.length > 1 ? `${roles.slice(0, -1).join(", ")} or ${roles.at(-1)}` : roles[0]}.
    </p>
  );
}
