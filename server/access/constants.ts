import { ROLES, type Role } from "@/server/kernel/actor";

export { ROLES, type Role };

export const PERMISSIONS = [
  "workspace:read",
  "workspace:write",
  "members:read",
  "members:write",
  "api_keys:read",
  "api_keys:write",
  "audit:read",
  "privacy:export",
  "privacy:erase",
  "datasets:read",
  "datasets:write",
  "experiments:read",
  "experiments:write",
  "models:read",
  "models:write",
  "stages:write",
  "approvals:write",
  "training:read",
  "training:write",
  "deployments:read",
  "deployments:write",
  "nodes:read",
  "nodes:write",
  "predictions:create",
  "predictions:read",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Out of reach of short-lived tokens, so that none makes a credential that outlives it. */
export const LASTING_PERMISSIONS: readonly Permission[] = [
  "workspace:write",
  "members:write",
  "api_keys:write",
];

/** Names of custom roles. */
export const ROLE_NAME = /^[a-z][a-z0-9_]{1,39}$/;

/** What a grant may be about. */
export const GRANT_ACTIONS = ["write", "deploy", "review"] as const;
export const GRANTEE_TYPES = ["user", "role", "api_key"] as const;
export const GRANT_ENVIRONMENTS = ["development", "staging", "production"] as const;

/** Signatures an ID token may be asked to carry. */
export const ID_TOKEN_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"] as const;

const READ = PERMISSIONS.filter((p) => p.endsWith(":read") && p !== "audit:read");
const SCIENCE: Permission[] = [
  "datasets:write",
  "experiments:write",
  "models:write",
  "training:write",
  "predictions:create",
];

/** Role × permission: the one table that verbs, REST, tRPC and pages read. */
export const ROLE_PERMISSIONS = {
  viewer: new Set<Permission>(READ),
  data_scientist: new Set<Permission>([...READ, ...SCIENCE]),
  ml_engineer: new Set<Permission>([...READ, ...SCIENCE, "deployments:write", "approvals:write"]),
  operator: new Set<Permission>([
    ...READ,
    "deployments:write",
    "approvals:write",
    "predictions:create",
    "audit:read",
  ]),
  admin: new Set<Permission>(PERMISSIONS),
} satisfies Record<Role, Set<Permission>>;

export const isRole = (text: string): text is Role => (ROLES as readonly string[]).includes(text);

export const isPermission = (text: string): text is Permission =>
  (PERMISSIONS as readonly string[]).includes(text);

/** What a role may do; `custom` holds the permissions of a role the workspace made itself. */
export function permissionsOf(
  role: string,
  custom: readonly string[] | null | undefined,
): ReadonlySet<Permission> {
  if (isRole(role)) return ROLE_PERMISSIONS[role];
  return new Set((custom ?? []).filter(isPermission));
}

export const roleAllows = (role: Role, permission: Permission): boolean =>
  ROLE_PERMISSIONS[role].has(permission);

/** Roles that hold a permission, weakest first; for "ask somebody who …". */
export const rolesWith = (permission: Permission): Role[] =>
  ROLES.filter((role) => roleAllows(role, permission));
