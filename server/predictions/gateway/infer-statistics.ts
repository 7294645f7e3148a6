import { modelStatisticsOf } from "@/server/node/stats/model-statistics";
import { ModelStats } from "@/server/node/stats/model-stats";
import type { Route, Variant } from "./routing-table";

const VARIANTS_MAX = 10_000;

interface Timings {
  queueMs: number;
  computeMs: number;
  /** 0 where the node did not tell. */
  batchRows: number;
}

/** Counters of the statistics extension over every lane, of this process since it started, one set a variant. */
export class InferStatistics {
  private readonly byVariant = new Map<string, ModelStats>();

  private of(variant: Variant): ModelStats {
    let stats = this.byVariant.get(variant.id);
    if (!stats) {
      if (this.byVariant.size >= VARIANTS_MAX) this.byVariant.clear();
      stats = new ModelStats();
      this.byVariant.set(variant.id, stats);
    }
    return stats;
  }

  /** A request that shared a call of the model with others counts as its part of that call. */
  answered(variant: Variant, rows: number, { queueMs, computeMs, batchRows }: Timings): void {
    const stats = this.of(variant);
    stats.recordRequest(rows, queueMs, computeMs);
    const share = batchRows > rows ? rows / batchRows : 1;
    stats.recordShare(Math.max(rows, batchRows), share, computeMs);
  }

  failed(variant: Variant): void {
    this.of(variant).failure.OTHER++;
  }

  /** The extension's entries of a deployment, one for each version, or the one version named. */
  entries(route: Route, version: string | undefined) {
    return route.variants
      .filter((one) => version === undefined || String(one.versionNumber) === version)
      .map((one) => modelStatisticsOf(route.name, String(one.versionNumber), this.of(one)));
  }
}
