import { Client, type Pool } from "pg";
import type { Log } from "./types";

const RECONNECT_MS = 5000;

/**
 * Holds one connection that hears of new work from other processes, and renews it when it breaks.
 * Without it (LISTEN fails through a transaction-mode pooler) polling alone finds the work.
 * Answers the end of it.
 */
export function listen(pool: Pool, log: Log, onNotify: () => void): () => Promise<void> {
  let client: Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const again = (error: unknown) => {
    if (stopped || timer) return;
    log.warn({ err: error }, "LISTEN is not available; new work is found by polling");
    timer = setTimeout(() => {
      timer = undefined;
      void connect();
    }, RECONNECT_MS);
  };

  const connect = async () => {
    const next = new Client(pool.options);
    client = next;
    next.on("error", again);
    next.on("end", () => again(new Error("the connection ended")));
    next.on("notification", onNotify);
    try {
      await next.connect();
      await next.query("LISTEN inngest");
      onNotify();
    } catch (error) {
      again(error);
      await next.end().catch(() => undefined);
    }
  };

  void connect();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await client?.end().catch(() => undefined);
  };
}
