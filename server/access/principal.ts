import type { Actor, Allows } from "@/server/kernel/actor";
import { isPermission, LASTING_PERMISSIONS, type Permission, permissionsOf } from "./constants";

/** Who calls, for which workspace. */
export interface Principal {
  actor: Actor;
  workspaceId: string;
  workspaceSlug: string;
}

/** What the database says of an API key, with its role and its maker as they are now. */
export interface KeyRow {
  workspace_id: string;
  workspace_slug: string;
  archived_at: Date | null;
  id: string;
  secret_hash: Buffer;
  previous_secret_hash: Buffer | null;
  previous_valid_until: Date | null;
  name: string;
  role: string;
  role_permissions: string[] | null;
  scopes: string[] | null;
  run_id: string | null;
  created_by: string | null;
  creator_role: string | null;
  creator_permissions: string[] | null;
  expires_at: Date | null;
  revoked_at: Date | null;
}

type Permissions = ReadonlySet<Permission>;

export const allowsOf =
  (permissions: Permissions): Allows =>
  (permission) =>
    isPermission(permission) && permissions.has(permission);

/** What both hold; `other` null holds all. */
export function narrow(permissions: Permissions, other: Iterable<string> | null): Permissions {
  if (other === null) return permissions;
  const wanted = new Set(other);
  return new Set([...permissions].filter((one) => wanted.has(one)));
}

/** The key's role, within its scopes, within what its maker may do today. */
export function keyPermissions(row: KeyRow): Permissions {
  const own = narrow(permissionsOf(row.role, row.role_permissions), row.scopes);
  if (!row.created_by) return own;
  return narrow(own, permissionsOf(row.creator_role ?? "", row.creator_permissions));
}

/** A token does what it stands for, within its own scopes, and makes nothing that outlives it. */
export function limitToken(permissions: Permissions, scopes: string[] | null): Permissions {
  const lasting: readonly string[] = LASTING_PERMISSIONS;
  const scoped = narrow(permissions, scopes);
  return new Set([...scoped].filter((one) => !lasting.includes(one)));
}
