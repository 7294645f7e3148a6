import type { Pool } from "pg";

/** Notes the last use of a key, at most once a minute, after the answer; a failure is no matter. */
export function touchKey(pool: Pool, workspaceId: string, keyId: string): void {
  void (async () => {
    const client = await pool.connect();
    try {
      await client.query("begin");
      await client.query("select set_config('app.workspace_id', $1, true)", [workspaceId]);
      await client.query(
        `update api_keys set last_used_at = now() where workspace_id = $1 and id = $2
         and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
        [workspaceId, keyId],
      );
      await client.query("commit");
      client.release();
    } catch {
      // Closed rather than handed on in the middle of a transaction.
      client.release(true);
    }
  })().catch(() => undefined);
}
