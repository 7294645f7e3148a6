import { type Database, withWorkspace } from "@/db/client";
import { AppError } from "@/server/kernel/errors";
import type { MetricPoint } from "./metric-points";
import { writeMetrics } from "./write-metrics";

/** Transactions of one workspace that run at the same time. */
const FLIGHTS_MAX = 2;
/** Batches that wait at most; a database that stands still must not fill the memory of web. */
export const WAITING_MAX = 5000;
/** Points of one transaction; a batch that is larger goes alone. */
const POINTS_MAX = 4000;

interface Place {
  db: Database;
  workspaceId: string;
}

interface Waiting {
  runId: string;
  points: MetricPoint[];
  /** False: there is no such active run. */
  resolve: (written: boolean) => void;
  reject: (error: unknown) => void;
}

/** Batches of one workspace that wait for the next transaction. */
class AppendQueue {
  private waiting: Waiting[] = [];
  private flights = 0;

  constructor(private readonly place: Place) {}

  /** Throws unavailable when too many wait. */
  add(one: Waiting): void {
    if (this.waiting.length >= WAITING_MAX) {
      throw new AppError("unavailable", "Too many batches wait. Send this one again in a moment.", {
        retryAfterSeconds: 1,
      });
    }
    this.waiting.push(one);
    this.next();
  }

  private next(): void {
    if (this.flights >= FLIGHTS_MAX || this.waiting.length === 0) return;
    const group = this.take();
    this.flights += 1;
    void this.write(group).finally(() => {
      this.flights -= 1;
      this.next();
    });
  }

  private take(): Waiting[] {
    let points = 0;
    const end = this.waiting.findIndex((one, at) => {
      points += one.points.length;
      return at > 0 && points > POINTS_MAX;
    });
    return this.waiting.splice(0, end < 0 ? this.waiting.length : end);
  }

  private async write(group: Waiting[]): Promise<void> {
    const pointsByRun = new Map<string, MetricPoint[]>();
    for (const { runId, points } of group) {
      const known = pointsByRun.get(runId);
      pointsByRun.set(runId, known ? [...known, ...points] : points);
    }
    try {
      const { place } = this;
      const active = await withWorkspace(place, (tx) =>
        writeMetrics(tx, place.workspaceId, pointsByRun),
      );
      for (const one of group) one.resolve(active.has(one.runId));
    } catch (error) {
      if (group.length === 1 || !isAboutData(error)) {
        for (const one of group) one.reject(error);
        return;
      }
      // One of them is at fault, which must not be held against the others.
      for (const one of group) await this.write([one]);
    }
  }
}

const queues = new WeakMap<Database, Map<string, AppendQueue>>();

/**
 * Adds points to a run, in one transaction with what others send to the workspace meanwhile: the wait
 * for one commit is the time in which the next group gathers. The promise ends after the commit; false
 * when there is no such active run.
 */
export function appendMetrics(
  { db, workspaceId }: Place,
  runId: string,
  points: MetricPoint[],
): Promise<boolean> {
  return new Promise((resolve, reject) =>
    queueOf({ db, workspaceId }).add({ runId, points, resolve, reject }),
  );
}

function queueOf(place: Place): AppendQueue {
  const ofWorkspaces = queues.get(place.db) ?? new Map<string, AppendQueue>();
  queues.set(place.db, ofWorkspaces);
  const queue = ofWorkspaces.get(place.workspaceId) ?? new AppendQueue(place);
  ofWorkspaces.set(place.workspaceId, queue);
  return queue;
}

/** PostgreSQL's classes of what is wrong with data: exceptions, constraints, limits. */
const isAboutData = (error: unknown): boolean =>
  error instanceof Error && "code" in error && /^(22|23|54)/.test(String(error.code));
