import { z } from "zod";
import { excessOf, saveRun, storeMemos } from "./commit";
import { concludeRuns } from "./conclude";
import type { Core } from "./core";
import { inTransaction } from "./database";
import { lockRun } from "./locked-run";
import { routeEvents } from "./route";
import { type Memo, memoOf, ProtocolError, readOps } from "./sdk-response";
import type { SerializedError } from "./types";

const bodySchema = z.object({
  qi_id: z.string().regex(/^\d+:[0-9a-f-]{36}$/),
  steps: z.array(z.unknown()),
});

/**
 * Stores steps while the function runs on. Answers the HTTP status the SDK expects: 200 when they
 * are stored, 409 when the lease was lost or the run has ended, which makes the SDK stop.
 */
export async function checkpoint(core: Core, runId: string, body: unknown): Promise<number> {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) return 400;
  const [jobId = "", token = ""] = parsed.data.qi_id.split(":");
  const { memos, error } = read(parsed.data.steps);
  return inTransaction(core.pool, async (tx) => {
    const run = await lockRun(tx, { runId, jobId, token });
    if (!run) return 409;
    await storeMemos(tx, run, memos);
    const failure = error ?? excessOf(run);
    await saveRun(tx, run, null);
    if (!failure) return 200;
    const registry = await core.registry.load(tx);
    const caused = await concludeRuns(tx, registry, [runId], { status: "failed", error: failure });
    await routeEvents(tx, core, registry, caused, { waits: true });
    return 409;
  });
}

function read(steps: unknown[]): { memos: Memo[]; error?: SerializedError } {
  try {
    const ops = readOps(steps);
    const strange = ops.find((op) => op.op !== "StepRun");
    if (strange) throw new ProtocolError(`operation ${strange.op} is not supported`);
    return { memos: ops.map(memoOf) };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { memos: [], error: { name: error.name, message: error.message } };
  }
}
