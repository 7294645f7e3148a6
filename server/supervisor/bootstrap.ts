import { Client } from "pg";
import { apiKeyParts } from "@/server/access/api-key-format";
import { hashToken, newToken } from "@/server/access/session-token";
import { newId } from "@/server/kernel/ids";

/** A sign-in link printed at start is good for this long, milliseconds. */
const LINK_MS = 24 * 3600 * 1000;

/**
 * Makes the workspace `default` and its first administrator on an empty database, and the
 * administrator key when one is set. Runs as the owner, inside the workspace's policies.
 */
export async function bootstrapDatabase(
  ownerUrl: string,
  adminKey: string | undefined,
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
  if (!adminKey) return;
  const { publicId, secretHash } = apiKeyParts(adminKey);
  await client.query(
    `insert into api_keys (workspace_id, id, public_id, secret_hash, name, role)
     values ($1, $2, $3, $4, 'MODELYARD_ADMIN_KEY', 'admin')`,
    [workspaceId, newId(), publicId, secretHash],
  );
}
