import { setTimeout as sleep } from "node:timers/promises";
import type { PoolClient } from "pg";
import type { Database } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import type { Log } from "@/server/kernel/log";
import type { DesiredScale, ScalingBackend } from "./backend";
import { decideReplicas } from "./decide";
import { scaleByLoad } from "./scale-by-load";
import { type LiveDeployment, readScalingState } from "./scaling-state";
import { unloadRollback } from "./unload-rollback";

/** As often as Knative looks, milliseconds. */
const LOOK_MS = 2_000;
/** Who decides, of all workers on one database. */
const LEADER_LOCK = 7_264_005;
/** What a backend was told is told again this often, should it have forgotten, milliseconds. */
const APPLY_AGAIN_MS = 30_000;

interface AutoscalerOptions {
  db: Database;
  jobContext: (workspaceId: string, name: string) => Context;
  backend: ScalingBackend;
  log: Pick<Log, "warn" | "info">;
  lookMs?: number;
}

interface Told {
  desired: DesiredScale;
  text: string;
  atMs: number;
}

/**
 * Decides every two seconds how many replicas each deployment has, and tells the backend. Of several
 * workers one does so; all it knows is in Postgres, so another goes on where a killed one stopped.
 */
export class Autoscaler {
  private readonly stopping = new AbortController();
  private leader: PoolClient | undefined;
  private running: Promise<void> | undefined;
  /** What the backend was told last of each deployment. */
  private readonly told = new Map<string, Told>();

  constructor(private readonly options: AutoscalerOptions) {}

  start(): this {
    this.running ??= this.run();
    return this;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    this.resign();
    await this.options.backend.close();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        if (await this.leads()) await this.look();
      } catch (error) {
        this.options.log.warn({ err: error }, "replicas cannot be decided on");
        this.resign();
      }
      await sleep(this.options.lookMs ?? LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** The lock lives and ends with its connection. */
  private async leads(): Promise<boolean> {
    if (this.leader) return true;
    const client = await this.options.db.pool.connect();
    const lost = (): void => {
      if (this.leader === client) this.resign();
    };
    client.once("error", lost);
    const { rows } = await client.query<{ held: boolean }>(
      "select pg_try_advisory_lock($1) as held",
      [LEADER_LOCK],
    );
    if (rows[0]?.held) {
      this.leader = client;
      return true;
    }
    client.off("error", lost);
    client.release();
    return false;
  }

  private resign(): void {
    const client = this.leader;
    this.leader = undefined;
    this.told.clear();
    client?.release(true);
  }

  private async look(): Promise<void> {
    const { db, backend } = this.options;
    const nowMs = Date.now();
    const live = await readScalingState(db, nowMs);
    const notes: object[] = [];
    for (const one of live) {
      const note = await this.decide(one, nowMs);
      if (note) notes.push(note);
    }
    if (notes.length > 0) {
      await db.pool.query("select note_scaling($1)", [JSON.stringify(notes)]);
    }
    await this.tell(live.map((one) => one.desired));
    await backend.settle?.(live.map((one) => one.desired));
  }

  /** Decides on one and answers what is to be remembered of it. */
  private async decide(one: LiveDeployment, nowMs: number): Promise<object | undefined> {
    const { desired, facts, settings } = one;
    if (!facts || !settings.isEnabled) return undefined;
    const { workspaceId, deploymentId } = desired;
    const capacity = this.options.backend.capacity(desired);
    const { replicas, reason, panicState } = decideReplicas(
      { ...facts, capacity },
      settings,
      nowMs,
    );
    if (replicas !== facts.current) {
      const ctx = this.options.jobContext(workspaceId, "Autoscaling");
      try {
        if (replicas === 0 && settings.unloadsRollback) await unloadRollback(ctx, deploymentId);
        const change = { deploymentId, from: facts.current, replicas, reason };
        if (await scaleByLoad(ctx, change)) one.desired = { ...desired, replicas };
      } catch (error) {
        this.options.log.warn({ err: error, workspaceId }, "a deployment cannot be scaled");
      }
    }
    return {
      workspaceId,
      deploymentId,
      panicMs: panicState.sinceMs === null ? null : nowMs - panicState.sinceMs,
      panicReplicas: panicState.replicas,
      wanted: one.desired.replicas,
      ready: facts.current === 0 ? 0 : facts.ready,
      concurrency: one.concurrency,
      requestsPerSecond: one.requestsPerSecond,
    };
  }

  /** Tells the backend what changed, and now and then what did not. */
  private async tell(all: readonly DesiredScale[]): Promise<void> {
    const { backend, log } = this.options;
    const nowMs = Date.now();
    const gone = new Map(this.told);
    for (const desired of all) {
      gone.delete(desired.deploymentId);
      const text = JSON.stringify(desired);
      const before = this.told.get(desired.deploymentId);
      if (before?.text === text && nowMs - before.atMs < APPLY_AGAIN_MS) continue;
      try {
        await backend.apply(desired);
        this.told.set(desired.deploymentId, { desired, text, atMs: nowMs });
      } catch (error) {
        log.warn({ err: error, workspaceId: desired.workspaceId }, "the backend does not scale");
      }
    }
    for (const [deploymentId, { desired }] of gone) {
      try {
        await backend.remove(desired);
        this.told.delete(deploymentId);
      } catch (error) {
        log.warn({ err: error, workspaceId: desired.workspaceId }, "the backend does not clean up");
      }
    }
  }
}
