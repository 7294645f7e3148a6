import type { PoolClient } from "pg";
import { cancelRuns } from "./conclude";
import type { Core } from "./core";
import { rows } from "./database";
import { compileExpression, evaluate } from "./expression";
import { equalityOf } from "./expression-equality";
import type { Value } from "./expression-values";
import { createId, hashKey } from "./ids";
import { callJob, enqueue, type NewJob, timerJob } from "./jobs";
import { isStorableText } from "./json";
import { DEDUPE_MS, LIMITS } from "./limits";
import { takeOnce } from "./once";
import { throttleDelay, withinRate } from "./rate";
import type { Registry } from "./registry";
import type { EventPayload, FunctionSpec, StoredEvent } from "./types";
import { insertWaits } from "./waits";

/** One function to start for one stored event. */
export interface Start {
  spec: FunctionSpec;
  event: StoredEvent;
  /** The invoking run and step. */
  parent?: { runId: string; stepId: string };
  /** Extra delay in milliseconds. */
  delayMs?: number;
}

interface NewRun {
  id: string;
  function_id: string;
  event_id: string;
  concurrency_keys: string[];
  concurrency_limits: number[];
  priority: number;
  singleton_key: string | null;
  parent_run_id: string | null;
  parent_step_id: string | null;
}

const INSERT_RUNS = {
  name: "inngest_runs",
  text: `INSERT INTO inngest.runs (id, function_id, event_id, status, concurrency_keys,
      concurrency_limits, priority, singleton_key, parent_run_id, parent_step_id)
    SELECT x.id, x.function_id, x.event_id, 'queued', x.concurrency_keys, x.concurrency_limits,
      x.priority, x.singleton_key, x.parent_run_id, x.parent_step_id
    FROM json_to_recordset($1::json) AS x(id text, function_id text, event_id text,
      concurrency_keys text[], concurrency_limits int[], priority int, singleton_key text,
      parent_run_id text, parent_step_id text)
    ON CONFLICT (singleton_key) WHERE status IN ('queued', 'running') DO NOTHING
    RETURNING id`,
};

const SINGLETON_ROUNDS_MAX = 10;

/**
 * Creates runs in order, unless the event's id, the idempotency key, the rate or the singleton
 * forbids it.
 * Answers which starts were skipped, and the events that cancelling others caused.
 */
export async function startRuns(
  tx: PoolClient,
  core: Core,
  registry: Registry,
  starts: Start[],
): Promise<{ caused: StoredEvent[]; skipped: Start[] }> {
  if (starts.length === 0) return { caused: [], skipped: [] };
  const planned = starts.map((start) => ({ start, run: planRun(core, start) }));
  const allowed = await dropAboveRate(tx, core, await dropRepeatedStarts(tx, planned));
  const caused: StoredEvent[] = [];
  for (const { run } of allowed.filter(({ start }) => start.spec.singleton?.mode === "cancel")) {
    caused.push(...(await replaceSingleton(tx, registry, run)));
  }
  const rest = allowed.filter(({ start }) => start.spec.singleton?.mode !== "cancel");
  const created = new Set(
    await insertRuns(
      tx,
      rest.map(({ run }) => run),
    ),
  );
  for (const { start, run } of allowed) {
    if (start.spec.singleton?.mode === "cancel") created.add(run.id);
  }
  const started = allowed.filter(({ run }) => created.has(run.id));
  const jobs: NewJob[] = [];
  for (const { start, run } of started) {
    jobs.push(...firstJobs(start, run, await throttled(tx, core, start)));
  }
  await enqueue(tx, jobs);
  await insertWaits(
    tx,
    started.flatMap(({ start, run }) => cancelWaits(start, run)),
  );
  const skipped = planned.filter(({ run }) => !created.has(run.id)).map(({ start }) => start);
  return { caused, skipped };
}

async function dropAboveRate(
  tx: PoolClient,
  core: Core,
  planned: { start: Start; run: NewRun }[],
): Promise<{ start: Start; run: NewRun }[]> {
  const kept: typeof planned = [];
  for (const each of planned) {
    const { spec, event } = each.start;
    const { rateLimit } = spec;
    const key = rateLimit && keyText(compute(core, spec, rateLimit.key, event.payload));
    if (!rateLimit || (await withinRate(tx, spec.id, rateLimit, key ?? ""))) kept.push(each);
  }
  return kept;
}

async function throttled(tx: PoolClient, core: Core, { spec, event }: Start): Promise<number> {
  if (!spec.throttle) return 0;
  const key = keyText(compute(core, spec, spec.throttle.key, event.payload));
  return throttleDelay(tx, spec.id, spec.throttle, key);
}

function planRun(core: Core, { spec, event, parent }: Start): NewRun {
  const key = (text: string | undefined) => keyText(compute(core, spec, text, event.payload));
  const slots = spec.concurrency.map((slot) => ({
    key: `${slot.scope}:${slot.scope === "fn" ? `${spec.id}:${slot.key ?? ""}:` : ""}${key(slot.key)}`,
    limit: slot.limit,
  }));
  const priority = Math.trunc(Number(compute(core, spec, spec.priority, event.payload) ?? 0)) || 0;
  return {
    id: createId(),
    function_id: spec.id,
    event_id: event.internalId,
    concurrency_keys: slots.map((slot) => slot.key),
    concurrency_limits: slots.map((slot) => slot.limit),
    priority: Math.max(-LIMITS.priorityMax, Math.min(LIMITS.priorityMax, priority)),
    singleton_key: spec.singleton ? hashKey("singleton", spec.id, key(spec.singleton.key)) : null,
    parent_run_id: parent?.runId ?? null,
    parent_step_id: parent?.stepId ?? null,
  };
}

function compute(
  core: Core,
  spec: FunctionSpec,
  text: string | undefined,
  event: EventPayload,
): Value {
  if (text === undefined) return null;
  try {
    return evaluate(compileExpression(text, ["event"]), { event });
  } catch (error) {
    core.log.error({ error, functionId: spec.id, expression: text }, "an expression failed");
    return null;
  }
}

/** A key as text Postgres can hold; long ones are hashed. */
function keyText(value: Value): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 200 || !isStorableText(text) ? hashKey("long", text) : text;
}

async function dropRepeatedStarts(
  tx: PoolClient,
  planned: { start: Start; run: NewRun }[],
): Promise<{ start: Start; run: NewRun }[]> {
  const keys = new Map<string, string>();
  const keysOf = new Map<string, string[]>();
  for (const { start, run } of planned) {
    const own = onceKeys(start);
    keysOf.set(run.id, own);
    for (const key of own) if (!keys.has(key)) keys.set(key, run.id);
  }
  const owners = await takeOnce(tx, keys, DEDUPE_MS);
  return planned.filter(({ run }) =>
    (keysOf.get(run.id) ?? []).every((key) => owners.get(key) === run.id),
  );
}

function onceKeys({ spec, event }: Start): string[] {
  const keys: string[] = [];
  if (event.ownId) keys.push(hashKey("run", spec.id, event.payload.id));
  if (spec.idempotency !== undefined) {
    const value = evaluate(compileExpression(spec.idempotency, ["event"]), {
      event: event.payload,
    });
    keys.push(hashKey("idempotency", spec.id, JSON.stringify(value)));
  }
  return keys;
}

async function insertRuns(tx: PoolClient, runs: NewRun[]): Promise<string[]> {
  if (runs.length === 0) return [];
  const inserted = await rows<{ id: string }>(tx, INSERT_RUNS, [JSON.stringify(runs)]);
  return inserted.map((row) => row.id);
}

/** Cancels the running singleton and takes its place; a competitor may win a round in between. */
async function replaceSingleton(
  tx: PoolClient,
  registry: Registry,
  run: NewRun,
): Promise<StoredEvent[]> {
  const caused: StoredEvent[] = [];
  for (let round = 0; round < SINGLETON_ROUNDS_MAX; round++) {
    const { rows: running } = await tx.query<{ id: string }>(
      "SELECT id FROM inngest.runs WHERE singleton_key = $1 AND status IN ('queued', 'running')",
      [run.singleton_key],
    );
    const ids = running.map((row) => row.id);
    caused.push(...(await cancelRuns(tx, registry, ids, "A newer run took the singleton.")));
    if ((await insertRuns(tx, [run])).length > 0) return caused;
  }
  throw new Error(`the singleton of ${run.function_id} could not be replaced`);
}

function firstJobs(
  { spec, event, delayMs = 0 }: Start,
  run: NewRun,
  throttledMs: number,
): NewJob[] {
  const ahead = Math.max(0, event.payload.ts - Date.now());
  const delay = delayMs + ahead + throttledMs;
  const traits = {
    id: run.id,
    functionId: run.function_id,
    priority: run.priority,
    concurrencyKeys: run.concurrency_keys,
    concurrencyLimits: run.concurrency_limits,
    createdAt: null,
  };
  const jobs = [callJob(traits, spec.maxAttempts, { dedupe: "discover:0", delayMs: delay })];
  if (spec.startTimeoutMs !== undefined) {
    jobs.push(timerJob(traits, "start", { delayMs: delay + spec.startTimeoutMs }));
  }
  return jobs;
}

function cancelWaits({ spec, event }: Start, run: NewRun) {
  return spec.cancel.map((entry) => ({
    run_id: run.id,
    step_id: null,
    event: entry.event,
    expression: entry.if ?? null,
    equality: entry.if ? equalityOf(entry.if, event.payload) : null,
    delay_ms: entry.timeoutMs,
  }));
}
