/** Queues that one model has at the same time, beside its own. */
export const QUEUES_MAX = 16;

/** The header by which a request over HTTP names its queue. */
export const QUEUE_HEADER = "modelyard-queue";

/**
 * The number of a queue: 32 bits of the text of its policy (FNV-1a), never 0. Gateways and nodes make it
 * from the same text, so that a request can name its queue in four bytes.
 */
export function queueIdOf(config: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < config.length; at++) {
    hash = Math.imul(hash ^ config.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0 || 1;
}

/** The queue a header names; undefined for none and for what is no number. */
export function queueOfHeader(value: string | string[] | undefined): number | undefined {
  return typeof value === "string" && /^\d{1,10}$/.test(value) ? Number(value) : undefined;
}
