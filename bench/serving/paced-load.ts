import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import type { Load, Measured } from "../node/measure";

/** Requests go out this often, milliseconds, as many as the rate wants by then. */
const TICK_MS = 5;
/** More than this many unanswered ones are not added to: the server is behind. */
const WAITING_MAX = 2_000;

/** Sends the same request at a fixed rate, whatever the answers take. */
export async function paced(load: Load, perSecond: number): Promise<Measured> {
  const { origin, pathname } = new URL(load.url);
  const pool = new Pool(origin, { connections: load.connections, pipelining: 1 });
  const times: number[] = [];
  let failed = 0;
  let waiting = 0;
  const ask = async (): Promise<void> => {
    waiting++;
    const sentMs = performance.now();
    try {
      const { headers, body } = load;
      const reply = await pool.request({ path: pathname, method: "POST", headers, body });
      await reply.body.dump();
      if (reply.statusCode !== 200) failed++;
      if (times.length < 1_000_000) times.push(performance.now() - sentMs);
    } catch {
      failed++;
    }
    waiting--;
  };
  const startedMs = performance.now();
  const endMs = startedMs + load.seconds * 1_000;
  let sent = 0;
  while (performance.now() < endMs) {
    const due = ((performance.now() - startedMs) * perSecond) / 1_000;
    for (; sent < due; sent++) if (waiting < WAITING_MAX) void ask();
    await sleep(TICK_MS);
  }
  while (waiting > 0) await sleep(TICK_MS);
  await pool.close();
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(share * times.length)] ?? 0;
  const requestsPerSecond = (times.length * 1_000) / (performance.now() - startedMs);
  return { requestsPerSecond, p50Ms: at(0.5), p99Ms: at(0.99), failed };
}
