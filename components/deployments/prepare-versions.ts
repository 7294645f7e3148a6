import type { MetricsDto } from "@/server/deployments/metrics/schemas";

type Variant = MetricsDto["variants"][number];

/** Variants that were asked anything in the range. */
export const askedVariants = ({ variants }: MetricsDto): Variant[] =>
  variants.filter(({ requests }) => requests > 0);

/**
 * A line a variant over the buckets of the range; `valuesOf` gives one value for each point of the
 * variant's own series. A bucket that the variant does not have is a gap.
 */
export function versionLines(
  metrics: MetricsDto,
  valuesOf: (variant: Variant) => (number | null)[],
): { x: number[]; lines: { label: string; values: (number | null)[] }[] } {
  const times = metrics.series.map(({ at }) => at);
  return {
    x: times.map((at) => new Date(at).getTime() / 1000),
    lines: askedVariants(metrics).map((variant) => {
      const values = valuesOf(variant);
      const byTime = new Map(variant.series.map(({ at }, index) => [at, values[index] ?? null]));
      const label = variant.name ?? "before one was chosen";
      return { label, values: times.map((at) => byTime.get(at) ?? null) };
    }),
  };
}
