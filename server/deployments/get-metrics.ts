import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import type { VariantRole } from "./constants";
import { getDeploymentInWorkspace, type VariantRow, variantsOf } from "./internal";
import { type BatchCounts, readBatchCounts } from "./metrics/read-batch-counts";
import { type CountsQuery, NO_VARIANT, readCounts } from "./metrics/read-counts";
import { readQuality } from "./metrics/read-quality";
import { type MetricsDto, metricsInput, type Quality, rangeMinutesOf } from "./metrics/schemas";
import { addTally, emptyTally, figuresOf, pointOf, type Tally } from "./metrics/tally";

/** About this many points a series. */
const POINTS = 60;

/** Requests, errors, latency and quality of a deployment and of each of its variants. */
export async function getDeploymentMetrics(
  ctx: Context,
  input: z.input<typeof metricsInput>,
): Promise<MetricsDto> {
  requirePermission(ctx, "deployments:read");
  const query = metricsInput.parse(input);
  const rangeMinutes = rangeMinutesOf(query);
  const range = bucketsOf(rangeMinutes, ctx.now().getTime());
  const { variants, counts, batch, quality } = await withWorkspace(ctx, async (tx) => {
    const { id } = await getDeploymentInWorkspace(tx, ctx, query.deployment);
    return {
      variants: await variantsOf(tx, ctx, [id], "all"),
      counts: await readCounts(tx, ctx, { ...range, deploymentId: id }),
      batch: await readBatchCounts(tx, ctx, { ...range, deploymentId: id }),
      quality: await readQuality(tx, ctx, { ...range, deploymentId: id }),
    };
  });
  const everything = new Map<number, Tally>();
  for (const byTime of counts.values()) {
    for (const [at, tally] of byTime) {
      const sum = everything.get(at) ?? emptyTally();
      addTally(sum, tally);
      everything.set(at, sum);
    }
  }
  const shown = variants.filter((one) => one.status === "active" || counts.has(one.id)).reverse();
  const failed = counts.get(NO_VARIANT);
  return {
    rangeMinutes,
    bucketSeconds: range.bucketSeconds,
    ...rangeFigures(everything, range),
    variants: [
      ...shown.map((one) => ({
        ...nameOf(one),
        quality: quality.get(one.id) ?? null,
        ...rangeFigures(counts.get(one.id) ?? new Map(), range),
      })),
      ...(failed ? [{ ...NOBODY, ...rangeFigures(failed, range) }] : []),
    ],
    batch: batchFigures(batch, range),
  };
}

type Range = Omit<CountsQuery, "deploymentId"> & { rangeMinutes: number };

/** The shortest slots that are kept for as long as the range, in buckets that end after now. */
function bucketsOf(rangeMinutes: number, nowMs: number): Range {
  const slotSeconds = rangeMinutes <= 180 ? 10 : rangeMinutes <= 2_880 ? 60 : 3_600;
  const bucketSeconds = Math.ceil((rangeMinutes * 60) / POINTS / slotSeconds) * slotSeconds;
  const bucketMs = bucketSeconds * 1000;
  const untilMs = (Math.floor(nowMs / bucketMs) + 1) * bucketMs;
  const fromMs = untilMs - Math.ceil((rangeMinutes * 60_000) / bucketMs) * bucketMs;
  return { rangeMinutes, slotSeconds, bucketSeconds, fromMs, untilMs };
}

function rangeFigures(byTime: ReadonlyMap<number, Tally>, range: Range) {
  const total = emptyTally();
  for (const tally of byTime.values()) addTally(total, tally);
  const series = [];
  for (let time = range.fromMs; time < range.untilMs; time += range.bucketSeconds * 1000) {
    const at = new Date(time).toISOString();
    series.push({ at, ...pointOf(byTime.get(time) ?? emptyTally()) });
  }
  return { ...figuresOf(total, range.rangeMinutes * 60), series };
}

function batchFigures({ versions, byTime }: BatchCounts, range: Range) {
  const series = [];
  for (let time = range.fromMs; time < range.untilMs; time += range.bucketSeconds * 1000) {
    const sums = byTime.get(time) ?? { rows: 0, failed: 0 };
    series.push({ at: new Date(time).toISOString(), ...sums });
  }
  return {
    rows: versions.reduce((sum, version) => sum + version.rows, 0),
    failed: versions.reduce((sum, version) => sum + version.failed, 0),
    versions,
    series,
  };
}

const nameOf = (variant: VariantRow) => ({
  variantId: variant.id,
  name: variant.name,
  role: variant.role as VariantRole,
  versionId: variant.versionId,
  versionNumber: variant.versionNumber,
});

const NOBODY = {
  ...{ variantId: null, name: null, role: null, versionId: null, versionNumber: null },
  quality: null as Quality | null,
};
