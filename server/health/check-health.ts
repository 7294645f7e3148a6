import type { Runtime } from "@/server/runtime";

export interface Check {
  name: string;
  ok: boolean;
  latencyMs: number;
  /** What is wrong, for an operator; never driver text. */
  message?: string;
}

/** A dependency that does not answer within this time is down, milliseconds. */
const CHECK_MS = 3_000;

type Probe = () => Promise<string | undefined>;

async function timed(name: string, probe: Probe): Promise<Check> {
  const startedAt = performance.now();
  const late = new Promise<string>((resolve) => {
    setTimeout(() => resolve(`no answer within ${CHECK_MS} ms`), CHECK_MS).unref();
  });
  const message = await Promise.race([probe(), late]).catch(() => "does not answer");
  const latencyMs = Math.round((performance.now() - startedAt) * 10) / 10;
  return { name, ok: !message, latencyMs, ...(message ? { message } : {}) };
}

/** Asks each dependency of the web process. */
export async function checkHealth(
  runtime: Runtime,
  options: { nodeUrls: string[] },
): Promise<{ status: "ok" | "degraded"; checks: Check[] }> {
  const { pool } = runtime.db;
  const checks = await Promise.all([
    timed("database", async () => {
      await pool.query("select 1");
      return undefined;
    }),
    timed("artifacts", () => runtime.blobs.check()),
    timed("worker", () => workerProbe(runtime)),
    ...options.nodeUrls.map((url, index) =>
      timed(`node ${index + 1}`, async () => {
        const reply = await fetch(`${url}/v2/health/ready`, {
          signal: AbortSignal.timeout(CHECK_MS),
        });
        return reply.ok ? undefined : `answered ${reply.status}`;
      }),
    ),
  ]);
  return { status: checks.every((check) => check.ok) ? "ok" : "degraded", checks };
}

/** The worker keeps a connection that follows the outbox; without it nothing in the background runs. */
async function workerProbe(runtime: Runtime): Promise<string | undefined> {
  const { rows } = await runtime.db.pool.query<{ waiting: number; oldest: number | null }>(
    `select count(*)::int as waiting, extract(epoch from now() - min(created_at))::float as oldest
     from unsent_outbox(1000)`,
  );
  const oldest = rows[0]?.oldest ?? 0;
  return oldest > 30
    ? `${rows[0]?.waiting} events wait, the oldest for ${Math.round(oldest)} s`
    : undefined;
}
