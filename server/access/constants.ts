import { ROLES, type Role } from "@/server/kernel/actor";

export { ROLES, type Role };

export const PERMISSIONS = [
  "workspace:read",
  "members:read",
  "members:write",
  "api_keys:read",
  "api_keys:write",
  "audit:read",
  "datasets:read",
  "datasets:write",
  "experiments:read",
  "experiments:write",
  "models:read",
  "models:write",
  "training:read",
  "training:write",
  "deployments:read",
  "deployments:write",
  "predictions:create",
  "predictions:read",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

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
  ml_engineer: new Set<Permission>([...READ, ...SCIENCE, "deployments:write"]),
  operator: new Set<Permission>([...READ, "deployments:write", "predictions:create", "audit:read"]),
  admin: new Set<Permission>(PERMISSIONS),
} satisfies Record<Role, Set<Permission>>;

export const roleAllows = (role: Role, permission: Permission): boolean =>
  ROLE_PERMISSIONS[role].has(permission);

/** Roles that hold a permission, weakest first; for "ask somebody who …". */
export const rolesWith = (permission: Permission): Role[] =>
  ROLES.filter((role) => roleAllows(role, permission));
