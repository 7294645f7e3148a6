import { createHash } from "node:crypto";
import { AppError } from "@/server/kernel/errors";
import type { Log } from "@/server/kernel/log";
import type { DesiredScale, ScaledRef, ScaleStatus, ScalingBackend } from "../scaling/backend";
import type { ClusterApi } from "./cluster/cluster-api";
import { ClusterFailure, inWords } from "./cluster/cluster-failure";
import {
  deleteObject,
  listObjects,
  ownedObjects,
  ownersIn,
  selectorOf,
} from "./cluster/owned-objects";
import { readStatus } from "./cluster/read-status";
import { type Cluster, reconcileNodes } from "./cluster/reconcile-nodes";
import { CPU_PERCENT } from "./constants";
import type { ClusterSettings, NodeWorkload } from "./manifests/workload";

/** What was applied is compared with the cluster again after this long, milliseconds. */
const LOOK_AGAIN_MS = 60_000;
/** A cluster that was not reached is not asked again for this long, milliseconds. */
const AWAY_MS = 10_000;

interface BackendOptions {
  /** Called when the cluster is needed first. */
  connect: () => Promise<ClusterApi>;
  settings: ClusterSettings;
  log: Pick<Log, "info" | "warn">;
  /** Whether deployments that nobody scales are given an autoscaler of the cluster's. */
  autoscaler: boolean;
  now?: () => number;
}

/**
 * Runs each deployment's nodes as pods of one Kubernetes Deployment. The cluster holds all state:
 * a process that starts anew finds its objects by their labels.
 */
export class KubernetesBackend implements ScalingBackend {
  readonly name = "kubernetes";
  readonly ownsNodes = true;
  /** Digest of what was applied last, and when, by deployment. */
  private readonly applied = new Map<string, { digest: string; at: number }>();
  private cluster: Promise<Cluster> | undefined;
  private away: { until: number; error: AppError } | undefined;
  private cleanedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: BackendOptions) {}

  /** A cluster may always make room; how much it has is not known. */
  capacity(): number {
    return Number.POSITIVE_INFINITY;
  }

  async apply(desired: DesiredScale): Promise<void> {
    const workload = toWorkload(desired, this.options.autoscaler);
    const digest = createHash("sha256").update(JSON.stringify(workload)).digest("base64");
    const now = this.now();
    const last = this.applied.get(desired.deploymentId);
    if (last?.digest === digest && now - last.at < LOOK_AGAIN_MS) return;
    await this.ask((cluster) => reconcileNodes(cluster, workload));
    this.applied.set(desired.deploymentId, { digest, at: now });
  }

  async status(ref: ScaledRef): Promise<ScaleStatus | null> {
    return this.ask(async ({ api, settings: { namespace } }) => {
      const [deployment] = await listObjects(api, "Deployment", namespace, selectorOf(ref));
      if (!deployment) return null;
      const status = readStatus(deployment);
      if (status.message === null) return status;
      // Only pods know why they are not there.
      return readStatus(deployment, await listObjects(api, "Pod", namespace, selectorOf(ref)));
    });
  }

  async remove(ref: ScaledRef): Promise<void> {
    this.applied.delete(ref.deploymentId);
    await this.ask((cluster) => removeNodes(cluster, ref));
  }

  /** Gives back what was made for deployments that went while no process looked; tried again later. */
  async settle(all: readonly DesiredScale[]): Promise<void> {
    if (this.now() - this.cleanedAt < LOOK_AGAIN_MS) return;
    this.cleanedAt = this.now();
    const live = new Set(all.map(({ deploymentId }) => deploymentId));
    try {
      await this.ask(async (cluster) => {
        for (const ref of await ownersIn(cluster.api, cluster.settings))
          if (!live.has(ref.deploymentId)) await removeNodes(cluster, ref);
      });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.options.log.warn({ reason: error.message }, "the cluster cannot be cleaned up");
    }
  }

  async close(): Promise<void> {
    this.applied.clear();
  }

  private now(): number {
    return this.options.now?.() ?? Date.now();
  }

  /** Asks the cluster and turns what it says into what a person can act on. Throws unavailable. */
  private async ask<T>(work: (cluster: Cluster) => Promise<T>): Promise<T> {
    // One deployment has waited for it; the others need not.
    if (this.away && this.now() < this.away.until) throw this.away.error;
    this.away = undefined;
    try {
      this.cluster ??= this.connect();
      return await work(await this.cluster);
    } catch (error) {
      if (!(error instanceof ClusterFailure)) throw error;
      const retryAfterSeconds = AWAY_MS / 1000;
      const said = new AppError("unavailable", inWords(error), { retryAfterSeconds });
      if (error.isPassing) this.away = { until: this.now() + AWAY_MS, error: said };
      throw said;
    }
  }

  private async connect(): Promise<Cluster> {
    const { connect, settings, log } = this.options;
    try {
      return { api: await connect(), settings, log };
    } catch (error) {
      // A file that is wrong now may be right later.
      this.cluster = undefined;
      const reason = error instanceof Error ? error.message : String(error);
      throw new AppError("unavailable", reason, { retryAfterSeconds: AWAY_MS / 1000 });
    }
  }
}

async function removeNodes({ api, settings, log }: Cluster, ref: ScaledRef): Promise<void> {
  const owned = await ownedObjects(api, settings.namespace, ref);
  for (const one of owned) await deleteObject(api, settings.namespace, one);
  if (owned.length > 0)
    log.info({ deployment: ref.deploymentId, objects: owned.length }, "pods are given back");
}

/** An idle deployment has no pods, and no autoscaler that would bring them back. */
function toWorkload(desired: DesiredScale, mayAutoscale: boolean): NodeWorkload {
  const { replicas, surge, min, max, isAutomatic } = desired;
  const isForCluster = mayAutoscale && !isAutomatic && replicas > 0 && max > min;
  return {
    workspaceId: desired.workspaceId,
    deploymentId: desired.deploymentId,
    name: desired.name,
    environment: desired.environment,
    replicas: replicas + surge,
    autoscaler: isForCluster ? { min: Math.max(1, min), max, cpuPercent: CPU_PERCENT } : null,
    resources: desired.resources,
    labels: desired.labels,
    nodeLabels: desired.nodeSelector,
  };
}
