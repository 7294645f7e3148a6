import { setTimeout as sleep } from "node:timers/promises";

const ATTEMPTS = 5;
const FIRST_WAIT_MS = 100;
/** A request whose answer does not begin within this time is tried again. */
const ANSWER_MS = 60_000;

/** What S3 servers answer when the same request may succeed a moment later. */
const isPassing = (status: number): boolean => status >= 500 || status === 429 || status === 408;

/**
 * A fetch that repeats what may pass: broken connections, 408, 429 and 5xx, up to five times with
 * growing, spread waits. Bodies must be strings or buffers, which can be sent again.
 */
export async function s3Fetch(url: string | URL | Request, init?: RequestInit): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error("no answer in time")), ANSWER_MS);
    try {
      const reply = await fetch(url, { ...init, signal: late.signal });
      if (!isPassing(reply.status) || attempt === ATTEMPTS) return reply;
      await reply.body?.cancel();
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    } finally {
      // Only the beginning of an answer has a deadline; its body may take long.
      clearTimeout(timer);
    }
    await sleep(FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + Math.random()));
  }
}
