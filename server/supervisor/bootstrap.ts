import { Client } from "pg";
import { apiKeyParts } from "@/server/access/api-key-format";
import { hashToken, newToken } from "@/server/access/session-token";
import { newId } from "@/server/kernel/ids";

/** The key in MODELYARD_HOME that `npm run demo` and `npm run seed` use. */
const LOCAL_KEY_NAME = "Local command line";

/** A sign-in link printed at start is good for this long, milliseconds. */
const LINK_MS = 24 * 3600 * 1000;

/**
 * Makes the workspace `default` and its first administrator on an empty database, and the
 * administrator key when one is set. Runs as the owner, inside the workspace's policies.
 */
export async function bootstrapDatabase(
  ownerUrl: string,
  adminKey: string | undefined,
  localKey?: string,
): Promise<{ signInToken: string; firstStart: boolean }> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query("begin");
    await client.query("select pg_advisory_xact_lock(7264003)");
    const { rows } = await client.query<{ id: string }>(
      "select id from users order by created_at limit 1",
    );
    const firstStart = rows.length === 0;
    const userId = rows[0]?.id ?? newId();
    if (firstStart) await makeFirstWorkspace(client, userId, adminKey);
    if (localKey) await keepKey(client, "default", localKey, LOCAL_KEY_NAME);
    const token = newToken();
    await client.query("delete from sign_in_links where user_id = $1 and used_at is null", [
      userId,
    ]);
    await client.query(
      "insert into sign_in_links (token_hash, user_id, expires_at) values ($1, $2, $3)",
      [hashToken(token), userId, new Date(Date.now() + LINK_MS)],
    );
    await client.query("commit");
    return { signInToken: token, firstStart };
  } finally {
    await client.end();
  }
}

async function makeFirstWorkspace(
  client: Client,
  userId: string,
  adminKey: string | undefined,
): Promise<void> {
  const workspaceId = newId();
  await client.query("select set_config('app.workspace_id', $1, true)", [workspaceId]);
  await client.query("insert into workspaces (id, slug, name) values ($1, 'default', 'Default')", [
    workspaceId,
  ]);
  await client.query("insert into users (id, name) values ($1, 'Administrator')", [userId]);
  await client.query("insert into members (workspace_id, user_id, role) values ($1, $2, 'admin')", [
    workspaceId,
    userId,
  ]);
  if (adminKey) await keepKey(client, "default", adminKey, "MODELYARD_ADMIN_KEY");
}

/** Notes an administrator key of a workspace, once; a revoked one stays revoked. */
async function keepKey(client: Client, slug: string, key: string, name: string): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    "select id from list_workspaces() where slug = $1",
    [slug],
  );
  const workspaceId = rows[0]?.id;
  if (!workspaceId) return;
  const { publicId, secretHash } = apiKeyParts(key);
  await client.query("select set_config('app.workspace_id', $1, true)", [workspaceId]);
  await client.query(
    `insert into api_keys (workspace_id, id, public_id, secret_hash, name, role)
     values ($1, $2, $3, $4, $5, 'admin') on conflict (public_id) do nothing`,
    [workspaceId, newId(), publicId, secretHash, name],
  );
}
