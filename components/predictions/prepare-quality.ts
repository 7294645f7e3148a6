import type { PredictionQualityDto } from "@/server/predictions/quality/schemas";

export type Measure = "accuracy" | "mae" | "rmse";

export interface QualityLines {
  /** Seconds since the epoch, where each slot begins. */
  x: number[];
  lines: { label: string; values: (number | null)[] }[];
}

const seconds = (at: string) => new Date(at).getTime() / 1000;

/** Whether there is anything of a measure to draw. */
export const measuresOf = ({ variants }: PredictionQualityDto): Measure[] =>
  (["accuracy", "mae", "rmse"] as const).filter((measure) =>
    variants.some((variant) => variant[measure] !== null),
  );

/** A line a variant over every slot of the range; one without outcomes is a gap. */
export function qualityLines(
  { variants, from, to, slotSeconds }: PredictionQualityDto,
  measure: Measure,
): QualityLines {
  const shown = variants.filter((variant) => variant[measure] !== null);
  const x: number[] = [];
  for (let at = seconds(from); at <= seconds(to); at += slotSeconds) x.push(at);
  return {
    x,
    lines: shown.map(({ name, versionNumber, points }) => {
      const byTime = new Map(points.map((point) => [seconds(point.at), point[measure]]));
      const label = name ?? (versionNumber === null ? "deleted" : `v${versionNumber}`);
      return { label, values: x.map((at) => byTime.get(at) ?? null) };
    }),
  };
}
