import { performance } from "node:perf_hooks";
import type { NodeAnswer } from "@/server/deployments";
import { AppError } from "@/server/kernel/errors";
import type { Traced } from "@/server/kernel/tracing";
import type { Tensor } from "@/server/protocols/open-inference/codec";
import type { FlowCounts } from "./flow-counts";
import { QueueEstimate } from "./queue-estimate";
import { type RequestKey, ResponseCache, requestKey } from "./response-cache";
import type { Route, Variant } from "./routing-table";

/** How an answer came about, where the deployment has a cache. */
export type CacheState = "hit" | "miss";

export interface GatewayAnswer extends NodeAnswer {
  cache?: CacheState;
  /** From the gateway to the node and back; absent where the cache answered. */
  nodeMs?: number | undefined;
}

/** Which variant answered, whether from a cache, in which trace: name, value, name, value. */
export function replyHeaders(
  variant: Variant,
  { cache }: GatewayAnswer,
  trace?: Traced,
): readonly string[] {
  if (!cache && !trace) return variant.replyHeaders;
  const headers = [...variant.replyHeaders];
  if (cache) headers.push("x-cache", cache);
  if (trace) headers.push("x-trace-id", trace.traceId);
  return headers;
}

/** What the log keeps of an answer. */
export const measuredOf = ({ timings, nodeMs, cache }: GatewayAnswer) => ({
  queueMs: timings.queueMs,
  computeMs: timings.computeMs,
  batchRows: timings.batchRows,
  nodeMs,
  isCached: cache === "hit",
});

export interface CallOptions {
  /** Names of the outputs wanted; all when absent. */
  outputs?: readonly string[] | undefined;
  /** The caller's `cache-control`; no-cache asks anew, no-store keeps nothing either. */
  cacheControl?: string | undefined;
}

type Call = () => Promise<GatewayAnswer>;

/** What one deployment has at work and in its cache, in this process. */
export class DeploymentFlow {
  private inFlight = 0;
  private readonly estimate = new QueueEstimate();
  private readonly cache = new ResponseCache<GatewayAnswer>();
  private readonly sharing = new Map<string, { key: Buffer; answer: Promise<GatewayAnswer> }>();

  constructor(private readonly counts: FlowCounts) {}

  private shed(retryAfterSeconds: number): AppError {
    this.counts.shed.inc();
    return new AppError("unavailable", "The deployment has more requests than it can take.", {
      retryAfterSeconds: Math.max(1, Math.min(30, retryAfterSeconds)),
    });
  }

  leave(): void {
    this.inFlight--;
  }

  /**
   * From the cache, by an equal request already at work, or by `call`. Throws unavailable where the
   * deployment has too many requests already.
   */
  async answer(
    variant: Variant,
    tensors: readonly Tensor[],
    options: CallOptions,
    call: Call,
  ): Promise<GatewayAnswer> {
    const { maxInFlight } = variant.route.settings.routing;
    if (maxInFlight > 0 && this.inFlight >= maxInFlight) throw this.shed(1);
    this.inFlight++;
    try {
      return await this.find(variant, tensors, options, call);
    } finally {
      this.inFlight--;
    }
  }

  private async find(
    { route, model }: Variant,
    tensors: readonly Tensor[],
    options: CallOptions,
    call: Call,
  ): Promise<GatewayAnswer> {
    const { cache, coalesce } = route.settings.routing;
    if (!cache.isEnabled && !coalesce) return this.admit(route, call);
    const key = requestKey(model.versionId, tensors, options.outputs);
    if (!cache.isEnabled) return this.share(route, key, call);
    const nowMs = performance.now();
    const known = isFresh(options) ? this.cache.get(key, nowMs) : undefined;
    if (known) {
      this.counts.cacheHits.inc();
      return { ...known, cache: "hit" };
    }
    this.counts.cacheMisses.inc();
    const answer = coalesce ? await this.share(route, key, call) : await this.admit(route, call);
    if (!options.cacheControl?.includes("no-store")) {
      this.cache.put(key, keptAnswer(answer), bytesOf(answer.tensors), {
        nowMs,
        ttlMs: cache.ttlSeconds * 1_000,
        bytesMax: cache.maxBytes,
      });
    }
    return { ...answer, cache: "miss" };
  }

  /** Follows settings that became smaller. */
  configure({ settings }: Route): void {
    const { cache } = settings.routing;
    this.cache.shrink(cache.isEnabled ? cache.maxBytes : 0);
  }

  private async admit(route: Route, call: Call): Promise<GatewayAnswer> {
    const { maxQueueMs } = route.settings.routing;
    if (maxQueueMs > 0) {
      const waitMs = this.estimate.waitMs();
      if (waitMs > maxQueueMs) throw this.shed(Math.ceil((waitMs - maxQueueMs) / 1_000));
    }
    const startedMs = performance.now();
    this.estimate.arrived(startedMs);
    try {
      return await call();
    } finally {
      const endedMs = performance.now();
      this.estimate.departed(endedMs, endedMs - startedMs);
    }
  }

  private share(route: Route, key: RequestKey, call: Call): Promise<GatewayAnswer> {
    const known = this.sharing.get(key.digest);
    if (known?.key.equals(key.bytes)) {
      this.counts.coalesced.inc();
      return known.answer;
    }
    const answer = this.admit(route, call).finally(() => this.sharing.delete(key.digest));
    this.sharing.set(key.digest, { key: key.bytes, answer });
    return answer;
  }
}

const isFresh = ({ cacheControl }: CallOptions): boolean =>
  cacheControl === undefined || !/\bno-(?:cache|store)\b/i.test(cacheControl);

/** A kept answer took no time in any queue or model. */
const keptAnswer = (answer: GatewayAnswer): GatewayAnswer => ({
  ...answer,
  nodeMs: undefined,
  tensors: answer.tensors.map(ownMemory),
  timings: { queueMs: 0, computeMs: 0, batchRows: 0 },
});

/** A view would keep the whole message it was cut out of. */
function ownMemory(tensor: Tensor): Tensor {
  const { data } = tensor;
  if (ArrayBuffer.isView(data)) return { ...tensor, data: data.slice() };
  const own = (data as (string | Uint8Array)[]).map((one) =>
    typeof one === "string" ? one : one.slice(),
  );
  return { ...tensor, data: own as Tensor["data"] };
}

const bytesOf = (tensors: readonly Tensor[]): number =>
  tensors.reduce((sum, { name, data }) => sum + 100 + name.length + dataBytes(data), 0);

function dataBytes(data: Tensor["data"]): number {
  if (ArrayBuffer.isView(data)) return data.byteLength;
  return (data as (string | Uint8Array)[]).reduce((sum, one) => sum + 16 + 2 * one.length, 0);
}
