import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  index,
  integer,
  json,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

/**
 * State of the embedded Inngest executor. Control-plane tables: no workspace column and no
 * row-level security; payloads carry ids, not rows. `json`, not `jsonb`: a step may answer a string
 * with U+0000, and the order of keys is the user's.
 */
export const inngestSchema = pgSchema("inngest");

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });
const identity = () => bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity();

/** Registered function configurations; producers match events against them. */
export const inngestFunctions = inngestSchema.table("functions", {
  /** `<app>-<function>`, as the SDK reports it. */
  id: text("id").primaryKey(),
  appId: text("app_id").notNull(),
  /** Grows with every change of any function; a producer reloads when the maximum moved. */
  revision: bigint("revision", { mode: "number" }).notNull(),
  config: json("config").notNull(),
  /** False when the app no longer serves it: no new runs, old runs wait for its return. */
  active: boolean("active").notNull(),
});

/** Every accepted event. */
export const inngestEvents = inngestSchema.table(
  "events",
  {
    internalId: text("internal_id").primaryKey(),
    /** The sender's id, or the internal one. */
    id: text("id").notNull(),
    name: text("name").notNull(),
    /** What functions receive: `{id, name, data, ts, user?, v?, meta?}`. */
    payload: json("payload").notNull(),
    receivedAt: instant("received_at").notNull().defaultNow(),
    /** False while no registered function listens: offered to functions registered later. */
    routed: boolean("routed").notNull(),
  },
  (t) => [
    index("events_id_idx").on(t.id),
    index("events_received_at_idx").on(t.receivedAt),
    index("events_unrouted_idx").on(t.receivedAt).where(sql`not ${t.routed}`),
  ],
);

/** Keys that may be used once until they expire (event ids, idempotency keys, cron ticks), and rates. */
export const inngestOnceKeys = inngestSchema.table(
  "once_keys",
  {
    key: text("key").primaryKey(),
    /** What took the key: an event's internal id or a run id. */
    ref: text("ref").notNull(),
    expiresAt: instant("expires_at").notNull(),
  },
  (t) => [index("once_keys_expires_at_idx").on(t.expiresAt)],
);

/** One execution of a function for one event. */
export const inngestRuns = inngestSchema.table(
  "runs",
  {
    id: text("id").primaryKey(),
    functionId: text("function_id").notNull(),
    eventId: text("event_id")
      .notNull()
      .references(() => inngestEvents.internalId),
    /** queued, running, completed, failed, cancelled. */
    status: text("status").notNull(),
    /** Count of memoized steps; the next step's place in completion order. */
    seq: integer("seq").notNull().default(0),
    /** Count of steps ever reported, memoized or not. */
    stepCount: integer("step_count").notNull().default(0),
    /** Bytes of JSON held by memoized steps. */
    stateBytes: bigint("state_bytes", { mode: "number" }).notNull().default(0),
    /** Steps of a parallel group are out: the SDK must plan, not run, what it finds. */
    forcePlan: boolean("force_plan").notNull().default(false),
    /** The SDK protocol version that the first response named. */
    requestVersion: integer("request_version"),
    concurrencyKeys: text("concurrency_keys").array().notNull(),
    concurrencyLimits: integer("concurrency_limits").array().notNull(),
    /** Seconds by which its jobs go before others. */
    priority: integer("priority").notNull().default(0),
    singletonKey: text("singleton_key"),
    /** The invoking run and its step, when invoked. */
    parentRunId: text("parent_run_id"),
    parentStepId: text("parent_step_id"),
    output: json("output"),
    /** `{name, message, stack}` when failed or cancelled. */
    error: json("error"),
    createdAt: instant("created_at").notNull().defaultNow(),
    startedAt: instant("started_at"),
    endedAt: instant("ended_at"),
  },
  (t) => [
    index("runs_event_idx").on(t.eventId),
    index("runs_function_idx").on(t.functionId, t.id),
    index("runs_ended_at_idx").on(t.endedAt),
    uniqueIndex("runs_singleton_idx")
      .on(t.singletonKey)
      .where(sql`${t.status} in ('queued', 'running')`),
  ],
);

const runId = () =>
  text("run_id")
    .notNull()
    .references(() => inngestRuns.id, { onDelete: "cascade" });

/** Memo of a run: what each step answered. */
export const inngestSteps = inngestSchema.table(
  "steps",
  {
    runId: runId(),
    /** SHA-1 of the user's step id, as the SDK reports it. */
    id: text("id").notNull(),
    op: text("op").notNull(),
    name: text("name").notNull(),
    /** pending, completed, failed. */
    status: text("status").notNull(),
    /** Place in completion order, from 0; null while pending. */
    seq: integer("seq"),
    /** The step's value when completed, its error when failed. */
    result: json("result"),
    /** Reported inside `group.parallel({mode: "race"})`: the run goes on as soon as it ends. */
    race: boolean("race").notNull().default(false),
    createdAt: instant("created_at").notNull().defaultNow(),
    endedAt: instant("ended_at"),
  },
  (t) => [primaryKey({ columns: [t.runId, t.id] })],
);

/** What is to be done, now or later. A job is held by whoever knows its token until the lease ends. */
export const inngestJobs = inngestSchema.table(
  "jobs",
  {
    id: identity(),
    /** Deterministic, so that doing a transition twice enqueues once. */
    dedupe: text("dedupe").notNull().unique(),
    runId: runId(),
    functionId: text("function_id").notNull(),
    /** discover and step call the function; sleep, timeout, resume, finish and start are timers. */
    kind: text("kind").notNull(),
    stepId: text("step_id"),
    /** For resume: `{data}` or `{error}`. */
    payload: json("payload"),
    runAt: instant("run_at").notNull(),
    /** `run_at` moved by the run's priority. */
    sortAt: instant("sort_at").notNull(),
    attempt: integer("attempt").notNull().default(0),
    maxAttempts: integer("max_attempts").notNull(),
    concurrencyKeys: text("concurrency_keys").array().notNull(),
    concurrencyLimits: integer("concurrency_limits").array().notNull(),
    token: uuid("token"),
    leaseUntil: instant("lease_until"),
    worker: text("worker"),
  },
  (t) => [
    index("jobs_ready_idx").on(t.sortAt, t.id).where(sql`${t.token} is null`),
    index("jobs_held_idx").on(t.leaseUntil).where(sql`${t.token} is not null`),
    index("jobs_run_idx").on(t.runId),
  ],
);

/** Runs that wait for an event, to resume or to be cancelled. */
export const inngestWaits = inngestSchema.table(
  "waits",
  {
    id: identity(),
    runId: runId(),
    /** Null for cancelOn. */
    stepId: text("step_id"),
    event: text("event").notNull(),
    /** CEL over `event` (the run's) and `async` (the arriving one). */
    expression: text("expression"),
    /** `path=value` that the arriving event must hold when the expression demands it; a coarse filter. */
    equality: text("equality"),
    expiresAt: instant("expires_at").notNull(),
  },
  (t) => [index("waits_event_idx").on(t.event, t.equality), index("waits_run_idx").on(t.runId)],
);

/** Next fire time of each cron trigger. */
export const inngestSchedules = inngestSchema.table(
  "schedules",
  {
    functionId: text("function_id").notNull(),
    cron: text("cron").notNull(),
    nextAt: instant("next_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.functionId, t.cron] }),
    index("schedules_next_at_idx").on(t.nextAt),
  ],
);

/** One row a call of a function, for people. */
export const inngestAttempts = inngestSchema.table(
  "attempts",
  {
    id: identity(),
    runId: runId(),
    kind: text("kind").notNull(),
    stepId: text("step_id"),
    attempt: integer("attempt").notNull(),
    worker: text("worker").notNull(),
    startedAt: instant("started_at").notNull(),
    endedAt: instant("ended_at").notNull(),
    /** ok, retry, failed, lost. */
    outcome: text("outcome").notNull(),
    error: json("error"),
  },
  (t) => [index("attempts_run_idx").on(t.runId)],
);
