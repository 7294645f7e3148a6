import { performance } from "node:perf_hooks";
import type { Database } from "@/db/client";
import { listenTo } from "@/db/listen";
import { keepLoaded, type NodePool, ROUTING_CHANNEL } from "@/server/deployments";
import { CALLER_GONE_STATUS, CallerGone, type Departure } from "@/server/kernel/departure";
import { AppError, asAppError, ERRORS, invalid } from "@/server/kernel/errors";
import type { Log } from "@/server/kernel/log";
import type { Traced } from "@/server/kernel/tracing";
import { NodeRejected } from "@/server/node/client";
import {
  type Predictions,
  ProtocolError,
  type Tensor,
} from "@/server/protocols/open-inference/codec";
import type { Band } from "../confidence/conformal-band";
import type { Explainer, FeatureImportance } from "../explain";
import type { LogLane } from "../logs/log-entry";
import { LogWriter } from "../logs/log-writer";
import { PredictionMetrics } from "../metrics";
import { DeploymentScaling, type ScalingOptions } from "../scaling/deployment-scaling";
import { ShadowSender } from "../shadow/shadow-sender";
import { type Asked, chooseVariant } from "./choose-variant";
import { type CallOptions, DeploymentFlow, type GatewayAnswer } from "./deployment-flow";
import { explainMissing } from "./explain-missing";
import { FlowCounts } from "./flow-counts";
import { InferStatistics } from "./infer-statistics";
import { routeNames } from "./route-names";
import { type Route, RoutingTable, type Variant } from "./routing-table";
import type { Target } from "./target";
import { untilAbandoned } from "./until-abandoned";

/** The table follows NOTIFY; this catches what a broken connection swallowed, milliseconds. */
const REFRESH_MS = 10_000;
/** How soon a node that came back empty is given its versions, milliseconds. */
const KEEP_LOADED_MS = 3_000;

/** How one request may be run. */
export interface RunOptions extends Pick<CallOptions, "cacheControl"> {
  /** Milliseconds the caller waits; the gateway's own patience when absent. */
  timeoutMs?: number | undefined;
  /** 1 is the highest, 0 or absent the default of the model. */
  priority?: number | undefined;
  /** Milliseconds the request may wait in the model's queue; the model's setting when absent. */
  queueTimeoutMs?: number | undefined;
  /** Aborted when nobody waits for the answer any more. */
  signal?: Departure | undefined;
  /** The trace of the request, which its call to a node becomes a part of. */
  trace?: Traced | undefined;
}

interface GatewayOptions {
  db: Database;
  nodes: NodePool;
  log: Pick<Log, "info" | "warn" | "error">;
  jobContext: ScalingOptions["jobContext"];
  /** Absent where predictions are not explained. */
  explainer?: Explainer;
  /** Whether metrics tell names, not ids. */
  namedMetrics?: boolean;
  /** Evenly spread over [0, 1); decides between variants. */
  draw?: () => number;
}

/** The path of a prediction inside this process: route, choose a variant, run it, remember it. */
export class PredictionGateway {
  readonly metrics = new PredictionMetrics();
  readonly table: RoutingTable;
  readonly logs: LogWriter;
  readonly shadows: ShadowSender;
  readonly statistics = new InferStatistics();
  private readonly flows = new Map<string, DeploymentFlow>();
  private readonly flowCounts = new FlowCounts(this.metrics.registry);
  private readonly scaling: DeploymentScaling;
  private listener: { close: () => Promise<void> } | undefined;
  private readonly timers: NodeJS.Timeout[] = [];
  private loading: Promise<void> | undefined;

  constructor(private readonly options: GatewayOptions) {
    this.table = new RoutingTable(options.db.pool, options.log);
    const names = routeNames(this.table, options.namedMetrics ?? false);
    this.logs = new LogWriter(options.db, this.metrics, options.log, { names });
    this.shadows = new ShadowSender(options);
    this.scaling = new DeploymentScaling(options, this.table, this.metrics.registry);
  }

  /** Follows the routing table from now on; resolves when it was read once or could not be. */
  async start(): Promise<this> {
    const refresh = (): Promise<void> =>
      this.table.refresh().then(
        () => this.adoptRoutes(),
        (error: unknown) => {
          this.options.log.warn({ err: error }, "the routing table cannot be read");
        },
      );
    this.listener = listenTo(this.options.db.pool, ROUTING_CHANNEL, refresh, refresh);
    this.timers.push(
      setInterval(refresh, REFRESH_MS).unref(),
      setInterval(() => this.keepLoaded(), KEEP_LOADED_MS).unref(),
    );
    this.scaling.start();
    await refresh();
    return this;
  }

  /** Flows follow the settings of their deployments and end with them. */
  private adoptRoutes(): void {
    const routes = new Map(this.table.routes().map((route) => [route.deploymentId, route]));
    for (const [id, flow] of this.flows) {
      const route = routes.get(id);
      if (route) flow.configure(route);
      else this.flows.delete(id);
    }
    this.keepLoaded();
  }

  private flowOf({ deploymentId }: Route): DeploymentFlow {
    const known = this.flows.get(deploymentId);
    if (known) return known;
    const flow = new DeploymentFlow(this.flowCounts);
    this.flows.set(deploymentId, flow);
    return flow;
  }

  private keepLoaded(): void {
    this.loading ??= keepLoaded(this.options.nodes, this.table.variants()).finally(() => {
      this.loading = undefined;
    });
    this.scaling.unloadIdle();
  }

  /** Stops following and writes the logs that wait. The nodes stay open: they are the caller's. */
  async close(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.listener?.close();
    this.scaling.close();
    await this.shadows.close();
    await this.logs.close();
  }

  get isReady(): boolean {
    return this.table.loadedAtMs > 0 && this.options.nodes.isAnyReachable;
  }

  /** The route when it is in memory. */
  find(workspaceId: string, target: Target): Route | undefined {
    return "deployment" in target
      ? this.table.deployment(workspaceId, target.deployment)
      : this.table.productionOf(workspaceId, target.model);
  }

  /**
   * The route of a target that is not in memory: it may have been committed just now. Throws
   * not_found, unavailable while it is being deployed, conflict when it failed.
   */
  async locate(workspaceId: string, target: Target): Promise<Route> {
    const reason = await explainMissing(this.options.db, workspaceId, target);
    if (reason.mayBeServing) {
      await this.table.refresh();
      const route = this.find(workspaceId, target);
      if (route) return route;
    }
    throw reason.error;
  }

  /** The variant that answers, by version, override, unit or weight. Throws not_found. */
  choose(route: Route, versionNumber?: number, asked: Asked = {}): Variant {
    const draw = this.options.draw ?? Math.random;
    return chooseVariant(route, versionNumber === undefined ? asked : { versionNumber }, draw);
  }

  /**
   * Answers for a variant: from its deployment's cache, with an equal request, or on a node. Throws
   * AppError: validation_failed where the node refuses the inputs, unavailable to shed load.
   */
  run(
    variant: Variant,
    tensors: readonly Tensor[],
    outputs?: readonly string[],
    options: RunOptions = {},
  ): Promise<GatewayAnswer> {
    const call = { outputs, cacheControl: options.cacheControl };
    const answer = this.scaling.around(variant, () =>
      this.flowOf(variant.route).answer(variant, tensors, call, () =>
        this.runOnNode(variant, tensors, outputs, options),
      ),
    );
    if (variant.route.shadows.length > 0) {
      answer.then(
        (made) => this.shadows.offer(variant, tensors, outputs, made),
        () => undefined,
      );
    }
    return untilAbandoned(answer, options);
  }

  /** What moved each prediction. Throws unavailable where nothing is explained, and as `run` does. */
  explain(
    variant: Variant,
    rows: readonly unknown[],
    outputs: Predictions,
  ): Promise<FeatureImportance[]> {
    const { explainer } = this.options;
    if (!explainer) throw new AppError("unavailable", "This process explains no predictions.");
    const { signature, codec, model, route } = variant;
    const { workspaceId } = route;
    const { versionId, sha256, sizeBytes } = model;
    const version = { workspaceId, versionId, signature, codec, file: { sha256, sizeBytes } };
    return explainer.explain(version, rows, outputs, async (tensors) => {
      // Made-up rows are nothing to be kept in the cache.
      const answer = await this.run(variant, tensors, undefined, { cacheControl: "no-store" });
      return answer.tensors;
    });
  }

  /** The interval of a variant's predictions; null where nothing says it. */
  async bandOf({ model, route: { workspaceId } }: Variant): Promise<Band | null> {
    const { explainer } = this.options;
    return (await explainer?.bandOf({ workspaceId, versionId: model.versionId })) ?? null;
  }

  private async runOnNode(
    variant: Variant,
    tensors: readonly Tensor[],
    outputs: readonly string[] | undefined,
    { timeoutMs = Infinity, priority, queueTimeoutMs, signal, trace }: RunOptions,
  ): Promise<GatewayAnswer> {
    const span = trace?.child("node");
    try {
      const { model, replicas, route } = variant;
      const { routing } = route.settings;
      const sentMs = performance.now();
      const answer = await this.options.nodes.infer(model, replicas, tensors, outputs, {
        timeoutMs: Math.min(timeoutMs, routing.timeoutMs),
        retries: routing.retries,
        retryBudget: routing.retryBudgetPercent,
        balance: routing.balance,
        priority,
        queueTimeoutMs,
        traceparent: span?.traceparent,
        // Others may share the call, who still wait.
        signal: routing.coalesce ? undefined : signal,
      });
      if (answer.wasLoaded) this.metrics.cacheHits.inc();
      else this.metrics.cacheMisses.inc();
      span?.end();
      return { ...answer, nodeMs: performance.now() - sentMs };
    } catch (error) {
      span?.end({}, error instanceof Error ? error.message : "failed");
      if (error instanceof NodeRejected) throw invalid(error.message);
      throw error;
    }
  }

  /** Notes a request that reached a deployment and was not answered. */
  recordFailure(
    failed: {
      route: Route;
      variant: Variant | undefined;
      requestId: string;
      rows: number;
      startedMs: number;
      isPinned?: boolean;
      lane?: LogLane;
      trace?: Traced | undefined;
    },
    error: unknown,
  ): void {
    const known = asAppError(error);
    const isTold = (one: ProtocolError) => one.status < 500 || one.status === 501;
    const malformed = error instanceof ProtocolError && isTold(error) ? error : undefined;
    const { route, variant, requestId, rows, startedMs, lane, trace } = failed;
    const told = (malformed ?? known)?.message.slice(0, 500) ?? "internal error";
    trace?.end({ "modelyard.deployment": route.deploymentId }, told);
    this.logs.push({
      workspaceId: route.workspaceId,
      requestId,
      atMs: Date.now(),
      deploymentId: route.deploymentId,
      variantId: variant?.id ?? null,
      versionId: variant?.model.versionId ?? null,
      status: statusOf(error, malformed?.status),
      rows,
      inputs: null,
      outputs: null,
      error: told,
      latencyMs: performance.now() - startedMs,
      queueMs: null,
      computeMs: null,
      lane,
      isPinned: failed.isPinned,
      traceId: trace?.traceId,
      bytes: 500,
    });
  }
}

function statusOf(error: unknown, malformed: number | undefined): number {
  if (error instanceof CallerGone) return CALLER_GONE_STATUS;
  return malformed ?? ERRORS[asAppError(error)?.code ?? "internal"].status;
}
