const MEBIBYTE = 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Limits of the real server, kept so that a function that runs here also runs there. */
export const LIMITS = {
  eventBytesMax: 512 * 1024,
  eventsPerSendMax: 5000,
  stepOutputBytesMax: 4 * MEBIBYTE,
  runStateBytesMax: 32 * MEBIBYTE,
  stepsPerRunMax: 1000,
  triggersMax: 10,
  cancelOnMax: 5,
  concurrencyKeysMax: 2,
  retriesMax: 20,
  waitMsMax: 366 * DAY_MS,
  priorityMax: 600,
  retryAfterMsMin: 1000,
  retryAfterMsMax: DAY_MS,
} as const;

/** A function without `retries` is tried once and retried four times. */
export const DEFAULT_RETRIES = 4;

/** An event id, an idempotency key and a cron tick count once in this time. */
export const DEDUPE_MS = DAY_MS;

/** An invoke without `timeout` waits this long, as on the real server. */
export const DEFAULT_INVOKE_TIMEOUT_MS = 365 * DAY_MS;

/** `cancelOn` without `timeout` listens this long. */
export const DEFAULT_CANCEL_TIMEOUT_MS = 365 * DAY_MS;

/** An event nobody listens to is offered to functions that register within this time. */
export const UNROUTED_MS = 60 * 60 * 1000;
