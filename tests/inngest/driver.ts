import type { Inngest, InngestFunction } from "inngest";

/** An ended run, as every backend reports it. */
export interface RunResult {
  id: string;
  functionId: string;
  status: "completed" | "failed" | "cancelled" | "queued" | "running";
  output: unknown;
  error: { name: string; message: string } | null;
}

interface TestEvent {
  name: string;
  data?: Record<string, unknown>;
  id?: string;
  ts?: number;
}

/** One way to run Inngest functions; the conformance suite knows nothing else of a backend. */
export interface Driver {
  /** The client the functions are made with. */
  client: Inngest;
  start(functions: InngestFunction.Any[]): Promise<void>;
  /** Answers the events' ids as `waitRun` takes them. */
  send(events: TestEvent | TestEvent[]): Promise<string[]>;
  /** Waits until `count` runs of the event have ended. */
  waitRuns(eventId: string, count: number): Promise<RunResult[]>;
  /** All runs of the event now. */
  runsOf(eventId: string): Promise<RunResult[]>;
  stop(): Promise<void>;
}

/** The one run of an event. */
export async function waitRun(driver: Driver, eventId: string): Promise<RunResult> {
  const [run] = await driver.waitRuns(eventId, 1);
  if (!run) throw new Error("no run");
  return run;
}

/** Sends one event and waits for the one run it starts. */
export async function sendAndWait(driver: Driver, event: TestEvent): Promise<RunResult> {
  const [id] = await driver.send(event);
  if (id === undefined) throw new Error("no event id");
  return waitRun(driver, id);
}

/** Polls until `check` answers something; fails after `timeoutMs`. */
export async function until<T>(
  check: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 60_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error("timed out");
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
