import type { Registry } from "prom-client";
import type { Database } from "@/db/client";
import { heldBy, type NodePool, unloadIdle, wakeDeployment } from "@/server/deployments";
import type { Context } from "@/server/kernel/context";
import type { Log } from "@/server/kernel/log";
import type { Route, RoutingTable, Variant } from "../gateway/routing-table";
import { LoadBook } from "./load-book";
import { type ReplicaCount, ScalingMetrics } from "./scaling-metrics";
import { WakingDeployments } from "./waking";

export interface ScalingOptions {
  db: Database;
  nodes: NodePool;
  log: Pick<Log, "warn">;
  /** A context for work nobody asked for by hand. */
  jobContext: (workspaceId: string, name: string) => Context;
}

/** What the gateway does for deployments that scale by themselves: measure, wake, unload. */
export class DeploymentScaling {
  private readonly loads: LoadBook;
  private readonly waking: WakingDeployments;
  private unloading: Promise<void> | undefined;

  constructor(
    private readonly options: ScalingOptions,
    private readonly table: RoutingTable,
    registry: Registry,
  ) {
    const { db, nodes, log } = options;
    this.loads = new LoadBook({
      pool: db.pool,
      log,
      routes: () => table.routes(),
      readyOf: (route) => readyReplicas(nodes, route),
    });
    this.waking = new WakingDeployments({
      metrics: new ScalingMetrics(registry, () => replicaCounts(nodes, table)),
      wake: (variant) => this.wake(variant),
      load: ({ model }) => nodes.load(model, 1),
    });
  }

  start(): void {
    this.loads.start();
  }

  close(): void {
    this.loads.close();
    this.waking.close();
  }

  /** Runs a request, which waits first where its deployment is idle. Throws as `work` and unavailable. */
  around<T>(variant: Variant, work: () => Promise<T>): Promise<T> {
    const { route, replicas } = variant;
    if (!route.settings.scaling.isEnabled) return work();
    return this.loads.track(route, () =>
      replicas > 0 ? work() : this.waking.hold(variant).then(work),
    );
  }

  /** Takes versions that only idle deployments serve off the nodes. */
  unloadIdle(): void {
    this.unloading ??= unloadIdle(this.options.nodes, this.table.variants()).finally(() => {
      this.unloading = undefined;
    });
  }

  private async wake({ route }: Variant): Promise<void> {
    const { workspaceId, deploymentId } = route;
    await wakeDeployment(this.options.jobContext(workspaceId, "Autoscaling"), { deploymentId });
    await this.table.refresh();
    // What was about to be unloaded by the table before would have to be loaded twice.
    await this.unloading;
  }
}

/** While a roll-out divides them, each variant has replicas of its own; else each has all of them. */
function ofVariants({ variants }: Route, counts: readonly number[]): number {
  const areDivided = variants.some((one) => one.replicaShare !== null);
  return areDivided ? counts.reduce((sum, one) => sum + one, 0) : Math.min(...counts);
}

const readyReplicas = (nodes: NodePool, route: Route): number =>
  ofVariants(
    route,
    route.variants.map((one) => heldBy(nodes, one)),
  );

const replicaCounts = (nodes: NodePool, table: RoutingTable): ReplicaCount[] =>
  table.routes().map((route) => ({
    deploymentId: route.deploymentId,
    desired: ofVariants(
      route,
      route.variants.map((one) => one.replicas),
    ),
    ready: readyReplicas(nodes, route),
  }));
