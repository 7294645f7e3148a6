import { LATENCY_BUCKETS, latencyBucket } from "@/server/deployments";
import type { LogEntry } from "./log-entry";

/** Lengths of the slots that are kept, seconds; each is a multiple of the one before. */
const RESOLUTIONS = [10, 60, 3600] as const;
const SLOT_MS = RESOLUTIONS[0] * 1000;
/** While the database is away the shortest slots are given up beyond this many; the longer ones stay exact. */
const KEPT_MAX = 20_000;
/** Versions with totals of their own; the others share one, so that what reads them stays bounded. */
const TOTALS_MAX = 200;
const OTHER = "other";
const NO_VARIANT = "00000000-0000-0000-0000-000000000000";

/** The sums of one variant and class of status over a time; durations in microseconds. */
export class Tally {
  requests = 0;
  rows = 0;
  cacheHits = 0;
  latencyUs = 0;
  queueUs = 0;
  computeUs = 0;
  readonly buckets = new Uint32Array(LATENCY_BUCKETS);

  add(entry: LogEntry): void {
    const us = Math.round(entry.latencyMs * 1000);
    this.requests += 1;
    this.rows += entry.rows;
    if (entry.isCached) this.cacheHits += 1;
    this.latencyUs += us;
    this.queueUs += Math.round((entry.queueMs ?? 0) * 1000);
    this.computeUs += Math.round((entry.computeMs ?? 0) * 1000);
    const at = latencyBucket(us);
    this.buckets[at] = (this.buckets[at] ?? 0) + 1;
  }

  merge(other: Tally): void {
    this.requests += other.requests;
    this.rows += other.rows;
    this.cacheHits += other.cacheHits;
    this.latencyUs += other.latencyUs;
    this.queueUs += other.queueUs;
    this.computeUs += other.computeUs;
    other.buckets.forEach((count, at) => {
      this.buckets[at] = (this.buckets[at] ?? 0) + count;
    });
  }
}

interface Subject {
  workspaceId: string;
  deploymentId: string;
  variantId: string;
  isPinned: boolean;
  versionId: string | null;
  /** By hundreds of the status: 2, 4, 5. */
  classes: (Tally | undefined)[];
}

/** What was counted of one version in one deployment since the process began. */
export interface Total {
  deploymentId: string;
  /** By the names callers use: of the deployment, and the number of the version. */
  model: string;
  version: string;
  classes: (Tally | undefined)[];
}

/** The names of deployments that are there. */
export interface CountNames {
  deployments: () => ReadonlySet<string>;
  /** Undefined for a deployment that is not there any more. */
  of: (
    deploymentId: string,
    versionId: string | null,
  ) => Pick<Total, "model" | "version"> | undefined;
}

/** A slot as its row is written: always whole. */
export interface CountRow {
  workspaceId: string;
  deploymentId: string;
  variantId: string;
  isPinned: boolean;
  statusClass: number;
  seconds: number;
  atMs: number;
  tally: Tally;
  isDirty: boolean;
}

/** Counts every entry in the request's turn and sums the slots up behind it. */
export class CountBook {
  private subjects = new Map<string, Subject>();
  private slot = 0;
  private readonly ended: { atMs: number; subjects: Map<string, Subject> }[] = [];
  private readonly rows = new Map<string, CountRow>();
  private readonly sums = new Map<string, Total>();

  /** Without names totals go by ids, and stay. */
  constructor(private readonly names?: CountNames) {}

  /** Constant time: one look-up, a logarithm and some additions. */
  add(entry: LogEntry): void {
    const slot = Math.floor(entry.atMs / SLOT_MS);
    // Slots never go back: one that was forgotten would be written over. A clock set back waits.
    if (slot > this.slot) this.turn(slot);
    const { isPinned = false } = entry;
    const place = entry.variantId ?? entry.deploymentId;
    const key = isPinned ? `pinned ${place}` : place;
    let subject = this.subjects.get(key);
    if (!subject) {
      const { workspaceId, deploymentId, versionId } = entry;
      const variantId = entry.variantId ?? NO_VARIANT;
      subject = { workspaceId, deploymentId, variantId, isPinned, versionId, classes: [] };
      this.subjects.set(key, subject);
    }
    const statusClass = entry.status < 400 ? 2 : entry.status < 500 ? 4 : 5;
    let tally = subject.classes[statusClass];
    if (!tally) {
      tally = new Tally();
      subject.classes[statusClass] = tally;
    }
    tally.add(entry);
  }

  private turn(slot: number): void {
    if (this.subjects.size > 0) {
      this.ended.push({ atMs: this.slot * SLOT_MS, subjects: this.subjects });
      this.subjects = new Map();
    }
    this.slot = slot;
  }

  /**
   * Everything counted so far of deployments that are there, at most 200 versions and one total for
   * the others.
   */
  totals(): Iterable<Total> {
    this.settle();
    const live = this.names?.deployments();
    for (const [key, { deploymentId }] of this.sums) {
      if (live && key !== OTHER && !live.has(deploymentId)) this.sums.delete(key);
    }
    return this.sums.values();
  }

  private settle(): void {
    this.turn(this.slot);
    for (const { atMs, subjects } of this.ended.splice(0)) {
      for (const subject of subjects.values()) {
        this.sumUp(subject, atMs);
        this.addTotal(subject);
      }
    }
    this.shrink();
  }

  private addTotal({ deploymentId, versionId, classes }: Subject): void {
    const ids = { model: deploymentId, version: versionId ?? "none" };
    const name = this.names ? this.names.of(deploymentId, versionId) : ids;
    if (!name) return;
    const key = `${deploymentId}/${name.version}`;
    const isOther = !this.sums.has(key) && this.sums.size >= TOTALS_MAX;
    let total = this.sums.get(isOther ? OTHER : key);
    if (!total) {
      const all = { deploymentId: OTHER, model: OTHER, version: OTHER };
      total = { ...(isOther ? all : { deploymentId, ...name }), classes: [] };
      this.sums.set(isOther ? OTHER : key, total);
    }
    for (const [statusClass, tally] of classes.entries()) {
      if (!tally) continue;
      total.classes[statusClass] ??= new Tally();
      total.classes[statusClass]?.merge(tally);
    }
  }

  /** The rows that changed since they were last written, by workspace. */
  changed(): Map<string, CountRow[]> {
    this.settle();
    const changed = new Map<string, CountRow[]>();
    for (const row of this.rows.values()) {
      if (!row.isDirty) continue;
      const rows = changed.get(row.workspaceId) ?? [];
      rows.push(row);
      changed.set(row.workspaceId, rows);
    }
    return changed;
  }

  private sumUp(subject: Subject, atMs: number): void {
    const { workspaceId, deploymentId, variantId, isPinned } = subject;
    subject.classes.forEach((tally, statusClass) => {
      if (!tally) return;
      for (const seconds of RESOLUTIONS) {
        const start = Math.floor(atMs / (seconds * 1000)) * seconds * 1000;
        const key = `${deploymentId}/${variantId}/${isPinned}/${statusClass}/${seconds}/${start}`;
        let row = this.rows.get(key);
        if (!row) {
          row = {
            ...{ workspaceId, deploymentId, variantId, isPinned, statusClass, seconds },
            atMs: start,
            tally: new Tally(),
            isDirty: true,
          };
          this.rows.set(key, row);
        }
        row.tally.merge(tally);
        row.isDirty = true;
      }
    });
  }

  private shrink(): void {
    if (this.rows.size <= KEPT_MAX) return;
    for (const [key, row] of this.rows) {
      if (row.seconds === RESOLUTIONS[0]) this.rows.delete(key);
      if (this.rows.size <= KEPT_MAX) return;
    }
  }

  /** Forgets what is written and can change no more. */
  forgetEnded(): void {
    for (const [key, row] of this.rows) {
      const endMs = row.atMs + row.seconds * 1000;
      if (!row.isDirty && endMs <= this.slot * SLOT_MS) this.rows.delete(key);
    }
  }
}
