/** The part of a pino logger the executor uses. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** An event as functions receive it. `ts` is milliseconds since 1970. */
export interface EventPayload {
  id: string;
  name: string;
  ts: number;
  data: Record<string, unknown>;
  user?: unknown;
  v?: unknown;
  meta?: unknown;
}

/** An event row: `internalId` is what `send()` answers. */
export interface StoredEvent {
  internalId: string;
  payload: EventPayload;
  /** True when the sender chose the id, so that it dedupes. */
  ownId: boolean;
}

/** An error as it crosses the protocol and as it is stored. */
export interface SerializedError {
  name: string;
  message: string;
  stack?: string;
  [key: string]: unknown;
}

export interface ConcurrencySpec {
  limit: number;
  key?: string;
  scope: "fn" | "env" | "account";
}

/** `limit` starts in a period, by key. */
export interface RateSpec {
  limit: number;
  periodMs: number;
  key?: string;
}

export interface EventTrigger {
  event: string;
  expression?: string;
}

interface CronTrigger {
  cron: string;
  jitterMs: number;
}

/** A function's configuration after the boot checks. */
export interface FunctionSpec {
  id: string;
  appId: string;
  name: string;
  /** Calls allowed a job, the first included. */
  maxAttempts: number;
  events: EventTrigger[];
  crons: CronTrigger[];
  cancel: { event: string; if?: string; timeoutMs: number }[];
  concurrency: ConcurrencySpec[];
  priority?: string;
  idempotency?: string;
  /** What is above it is dropped. */
  rateLimit?: RateSpec;
  /** What is above it is put off; `burst` may start at once. */
  throttle?: RateSpec & { burst: number };
  singleton?: { key?: string; mode: "skip" | "cancel" };
  startTimeoutMs?: number;
  finishTimeoutMs?: number;
}

export type RunStatus = "queued" | "running" | "completed" | "failed" | "cancelled";

export type JobKind = "discover" | "step" | "sleep" | "timeout" | "resume" | "finish" | "start";

/** One operation of a 206 answer or of a checkpoint. */
export interface Op {
  id: string;
  op: string;
  name?: string;
  displayName?: string;
  data?: unknown;
  error?: unknown;
  opts?: Record<string, unknown>;
}
