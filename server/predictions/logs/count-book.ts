import { LATENCY_BUCKETS, latencyBucket } from "@/server/deployments";
import type { LogEntry } from "./log-entry";

/** Lengths of the slots that are kept, seconds; each is a multiple of the one before. */
const RESOLUTIONS = [10, 60, 3600] as const;
const SLOT_MS = RESOLUTIONS[0] * 1000;
/** While the database is away the shortest slots are given up beyond this many; the longer ones stay exact. */
const KEPT_MAX = 20_000;
const NO_VARIANT = "00000000-0000-0000-0000-000000000000";

/** The sums of one variant and class of status over a time. */
class Tally {
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
  /** By hundreds of the status: 2, 4, 5. */
  classes: (Tally | undefined)[];
}

/** A slot as its row is written: always whole. */
export interface CountRow {
  workspaceId: string;
  deploymentId: string;
  variantId: string;
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

  /** Constant time: one look-up, a logarithm and some additions. */
  add(entry: LogEntry): void {
    const slot = Math.floor(entry.atMs / SLOT_MS);
    // Slots never go back: one that was forgotten would be written over. A clock set back waits.
    if (slot > this.slot) this.turn(slot);
    const key = entry.variantId ?? entry.deploymentId;
    let subject = this.subjects.get(key);
    if (!subject) {
      const { workspaceId, deploymentId, variantId } = entry;
      subject = { workspaceId, deploymentId, variantId: variantId ?? NO_VARIANT, classes: [] };
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

  /** The rows that changed since they were last written, by workspace. */
  changed(): Map<string, CountRow[]> {
    this.turn(this.slot);
    for (const { atMs, subjects } of this.ended.splice(0)) {
      for (const subject of subjects.values()) this.sumUp(subject, atMs);
    }
    this.shrink();
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
    const { workspaceId, deploymentId, variantId } = subject;
    subject.classes.forEach((tally, statusClass) => {
      if (!tally) return;
      for (const seconds of RESOLUTIONS) {
        const start = Math.floor(atMs / (seconds * 1000)) * seconds * 1000;
        const key = `${deploymentId}/${variantId}/${statusClass}/${seconds}/${start}`;
        let row = this.rows.get(key);
        if (!row) {
          row = {
            ...{ workspaceId, deploymentId, variantId, statusClass, seconds, atMs: start },
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
