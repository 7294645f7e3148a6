import { Counter, type Registry } from "prom-client";

/** What happened to requests before they reached a node. */
export class FlowCounts {
  readonly cacheHits: Counter;
  readonly cacheMisses: Counter;
  readonly coalesced: Counter;
  readonly shed: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    const counter = (name: string, help: string) =>
      new Counter({ name: `modelyard_prediction_${name}_total`, help, registers });
    this.cacheHits = counter("response_cache_hits", "Requests answered from a response cache.");
    this.cacheMisses = counter(
      "response_cache_misses",
      "Requests a response cache had to ask for.",
    );
    this.coalesced = counter("coalesced", "Requests answered by an equal one already at work.");
    this.shed = counter("shed", "Requests answered 503 because a deployment had too many.");
  }
}
