import type { Pool } from "pg";
import { isUuid } from "@/server/kernel/ids";
import type { Ports } from "@/server/kernel/ports";

export interface GroupRole {
  group: string;
  role: string;
}

/** A provider as a sign-in needs it, its secret opened. */
export interface SignInProvider {
  id: string;
  workspaceId: string;
  workspaceSlug: string;
  name: string;
  issuer: string;
  clientId: string;
  clientSecret: string | null;
  algorithm: string;
  scopes: string;
  groupClaim: string;
  groupRoles: GroupRole[];
}

interface Row {
  workspace_id: string;
  workspace_slug: string;
  id: string;
  name: string;
  issuer: string;
  client_id: string;
  client_secret: Buffer | null;
  algorithm: string;
  scopes: string;
  group_claim: string;
  group_roles: GroupRole[];
}

/** Binds a sealed secret to its row and to the issuer it was given for. */
export const secretContext = (workspaceId: string, id: string, issuer: string): string =>
  `oidc ${workspaceId} ${id} ${issuer}`;

/** An enabled provider of a live workspace, or null. Throws when its secret cannot be opened. */
export async function findSignInProvider(
  pool: Pool,
  ports: Pick<Ports, "secrets">,
  id: string,
): Promise<SignInProvider | null> {
  if (!isUuid(id)) return null;
  const { rows } = await pool.query<Row>("select * from lookup_oidc_provider($1)", [id]);
  const row = rows[0];
  if (!row) return null;
  const context = secretContext(row.workspace_id, row.id, row.issuer);
  if (row.client_secret && !ports.secrets) throw new Error("no key opens the client secret");
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    workspaceSlug: row.workspace_slug,
    name: row.name,
    issuer: row.issuer,
    clientId: row.client_id,
    clientSecret: (row.client_secret && ports.secrets?.open(context, row.client_secret)) ?? null,
    algorithm: row.algorithm,
    scopes: row.scopes,
    groupClaim: row.group_claim,
    groupRoles: row.group_roles,
  };
}
