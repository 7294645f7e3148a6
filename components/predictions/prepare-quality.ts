import type { PredictionQualityDto } from "@/server/predictions/quality/schemas";

export type Measure = "accuracy" | "mae" | "rmse";

export interface QualityLines {
  /** Seconds since the epoch, of every slot in which an outcome of any variant is known. */
  x: number[];
  lines: { label: string; values: (number | null)[] }[];
}

const seconds = (at: string) => new Date(at).getTime() / 1000;

/** Whether there is anything of a measure to draw. */
export const measuresOf = ({ variants }: PredictionQualityDto): Measure[] =>
  (["accuracy", "mae", "rmse"] as const).filter((measure) =>
    variants.some((variant) => variant[measure] !== null),
  );

/** A line a variant over the slots; a slot without outcomes is a gap. */
export function qualityLines({ variants }: PredictionQualityDto, measure: Measure): QualityLines {
  const shown = variants.filter((variant) => variant[measure] !== null);
  const x = [...new Set(shown.flatMap(({ points }) => points.map(({ at }) => seconds(at))))].sort(
    (a, b) => a - b,
  );
  return {
    x,
    lines: shown.map(({ name, versionNumber, points }) => {
      const byTime = new Map(points.map((point) => [seconds(point.at), point[measure]]));
      const label = name ?? (versionNumber === null ? "deleted" : `v${versionNumber}`);
      return { label, values: x.map((at) => byTime.get(at) ?? null) };
    }),
  };
}
