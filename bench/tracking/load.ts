import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";

/** A server that speaks MLflow's protocol. */
export interface Target {
  label: string;
  url: string;
  headers: Record<string, string>;
}

export interface Figures {
  requestsPerSecond: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  /** Answers other than 200, and calls without an answer. */
  failed: number;
  /** Calls in all. */
  sent: number;
}

/** Calls one server over kept-alive connections. */
export class Caller {
  private readonly pool: Pool;

  constructor(
    private readonly target: Target,
    connections: number,
  ) {
    this.pool = new Pool(target.url, { connections, pipelining: 1, bodyTimeout: 120_000 });
  }

  /** The JSON answer of a call below /api/2.0/mlflow. Throws for any status but 200. */
  async call<T>(method: "GET" | "POST", path: string, body?: object): Promise<T> {
    const { statusCode, body: reply } = await this.send(method, path, body && JSON.stringify(body));
    const text = await reply.text();
    if (statusCode !== 200) throw new Error(`${this.target.label} ${path} ${statusCode}: ${text}`);
    return JSON.parse(text) as T;
  }

  /** Sends text that is ready; answers whether it was taken. */
  async post(path: string, text: string): Promise<boolean> {
    try {
      const { statusCode, body } = await this.send("POST", path, text);
      await body.dump();
      return statusCode === 200;
    } catch {
      return false;
    }
  }

  private send(method: "GET" | "POST", path: string, body: string | undefined) {
    const { headers } = this.target;
    return this.pool.request({
      method,
      path: `/api/2.0/mlflow${path}`,
      headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
      ...(body === undefined ? {} : { body }),
    });
  }

  async makeRuns(count: number): Promise<string[]> {
    const one = async (): Promise<string> => {
      const body = { experiment_id: "0", start_time: Date.now() };
      const { run } = await this.call<{ run: { info: { run_id: string } } }>(
        "POST",
        "/runs/create",
        body,
      );
      return run.info.run_id;
    };
    const ids: string[] = [];
    while (ids.length < count) {
      const some = Math.min(20, count - ids.length);
      ids.push(...(await Promise.all(Array.from({ length: some }, one))));
    }
    return ids;
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}

/** `send(caller, turn)` again and again by each of `callers`, the next as soon as one is answered. */
export async function closedLoop(
  callers: number,
  seconds: number,
  send: (caller: number, turn: number) => Promise<boolean>,
): Promise<Figures> {
  const tally = new Tally();
  const end = performance.now() + seconds * 1000;
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      for (let turn = 0; performance.now() < end; turn++) {
        await tally.time(() => send(caller, turn));
      }
    }),
  );
  return tally.figures();
}

/** How far behind its plan a load may fall before calls count as failed without being sent, milliseconds. */
const LATE_MS = 20_000;

/** Each of `callers` sends once every `everyMs`, spread evenly; durations count from the planned moment. */
export async function openLoop(
  callers: number,
  { seconds, everyMs }: { seconds: number; everyMs: number },
  send: (caller: number, turn: number) => Promise<boolean>,
): Promise<Figures> {
  const tally = new Tally();
  const started = performance.now();
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      for (let turn = 0; (turn + 1) * everyMs <= seconds * 1000; turn++) {
        const planned = started + turn * everyMs + (everyMs * caller) / callers;
        const early = planned - performance.now();
        if (early > 0) await sleep(early);
        if (early < -LATE_MS) tally.miss();
        else await tally.time(() => send(caller, turn), planned);
      }
    }),
  );
  return tally.figures();
}

export function percentiles(durationsMs: number[]) {
  const sorted = durationsMs.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
}

class Tally {
  private readonly durations: number[] = [];
  private readonly started = performance.now();
  private failed = 0;

  async time(send: () => Promise<boolean>, from = performance.now()): Promise<void> {
    if (!(await send())) this.failed += 1;
    this.durations.push(performance.now() - from);
  }

  /** A call that was never sent. */
  miss(): void {
    this.failed += 1;
  }

  figures(): Figures {
    const seconds = (performance.now() - this.started) / 1000;
    return {
      ...percentiles(this.durations),
      requestsPerSecond: this.durations.length / seconds,
      failed: this.failed,
      sent: this.durations.length,
    };
  }
}
