import { Caller, closedLoop, type Figures, openLoop, type Target } from "./load";

const LOG_BATCH = "/runs/log-batch";

/** A batch of `keys` metrics at one step, or at each of `steps` steps; no two turns hold the same point. */
function batch(
  runId: string,
  turn: number,
  { keys, steps }: { keys: number; steps: number },
): string {
  const metrics = [];
  for (let s = 0; s < steps; s++) {
    const step = turn * steps + s;
    for (let k = 0; k < keys; k++) {
      const value = Math.exp(-step / 1000) + Math.sin(step * (k + 1)) / 100;
      metrics.push({ key: `metric/${k}`, value, timestamp: 1_760_000_000_000 + step * 100, step });
    }
  }
  return JSON.stringify({ run_id: runId, metrics });
}

export interface Logged extends Figures {
  /** Points sent in requests that were answered with 200. */
  metricsPerSecond: number;
}

/** Each of `callers` logs to its own run as fast as it is answered. */
export async function logAtFullSpeed(
  target: Target,
  shape: { callers: number; seconds: number; keys: number; steps: number },
): Promise<Logged> {
  const caller = new Caller(target, shape.callers);
  const runs = await caller.makeRuns(shape.callers);
  const send = (from: number) => (at: number, turn: number) =>
    caller.post(LOG_BATCH, batch(runs[at] ?? "", from + turn, shape));
  await closedLoop(shape.callers, Math.min(2, shape.seconds), send(0));
  const figures = await closedLoop(shape.callers, shape.seconds, send(1_000_000));
  await caller.close();
  return {
    ...figures,
    metricsPerSecond: figures.requestsPerSecond * shape.keys * shape.steps,
  };
}

/** `runs` runs log 10 metrics every `everyMs` each, all at the same time; then every point is looked for. */
export async function logTogether(
  target: Target,
  options: { runs: number; seconds: number; everyMs: number },
): Promise<Logged & { lost: number }> {
  const caller = new Caller(target, 256);
  const runs = await caller.makeRuns(options.runs);
  const shape = { keys: 10, steps: 1 };
  const taken = runs.map(() => 0);
  const figures = await openLoop(options.runs, options, async (at, turn) => {
    const good = await caller.post(LOG_BATCH, batch(runs[at] ?? "", turn, shape));
    if (good) taken[at] = (taken[at] ?? 0) + 1;
    return good;
  });
  let lost = 0;
  for (const [at, runId] of runs.entries()) {
    const path = `/metrics/get-history?run_id=${runId}&metric_key=metric/0&max_results=25000`;
    const { metrics = [] } = await caller.call<{ metrics?: unknown[] }>("GET", path);
    lost += Math.max(0, (taken[at] ?? 0) - metrics.length);
  }
  await caller.close();
  return { ...figures, metricsPerSecond: figures.requestsPerSecond * 10, lost };
}
