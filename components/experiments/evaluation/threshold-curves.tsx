"use client";
import { ChartFrame } from "@/components/charts/chart-frame";
import { LineChart } from "@/components/charts/draw/line-chart";
import { alignSeries, type Curve as Points } from "@/components/charts/prepare/align-series";
import { formatMetric, formatTick } from "@/components/ui/format";
import { type AtThreshold, areaUnder, type Classified } from "./evaluation";

/** A point of both curves, as a curve of its own. */
const marked = (label: string, x: number | null, y: number | null): Points[] =>
  x === null || y === null ? [] : [{ label, points: [{ x, y }] }];

/** Where a classifier that guesses would be. */
const CHANCE: Points = {
  label: "Chance",
  points: [
    { x: 0, y: 0 },
    { x: 1, y: 1 },
  ],
};

/** ROC and precision-recall of each class, with the point of the threshold on them. */
export function ThresholdCurves({ data, now }: { data: Classified; now: AtThreshold }) {
  const falseRate = now.falsePositive / (now.falsePositive + now.trueNegative || 1);
  const roc = alignSeries([
    ...data.roc.map((curve) => ({
      label: `${curve.class} (AUC ${areaUnder(curve.falsePositiveRate, curve.truePositiveRate).toFixed(4)})`,
      points: curve.falsePositiveRate.map((x, at) => ({
        x,
        y: curve.truePositiveRate[at] ?? null,
      })),
    })),
    ...marked("At the threshold", falseRate, now.recall),
    CHANCE,
  ]);
  const recall = alignSeries([
    ...data.precisionRecall.map((curve) => ({
      label: `${curve.class}`,
      points: curve.recall.map((x, at) => ({ x, y: curve.precision[at] ?? null })),
    })),
    ...marked("At the threshold", now.recall, now.precision),
  ]);
  return (
    <div className="space-y-4">
      <Curve title="ROC" x="False positive rate" y="True positive rate" aligned={roc} />
      <Curve title="Precision and recall" x="Recall" y="Precision" aligned={recall} />
    </div>
  );
}

function Curve({
  title,
  x,
  y,
  aligned,
}: {
  title: string;
  x: string;
  y: string;
  aligned: ReturnType<typeof alignSeries>;
}) {
  return (
    <ChartFrame
      title={title}
      summary={aligned.series.map((series) => series.label).join("; ")}
      controls={
        <span className="text-2xs text-fg-subtle">
          {y} by {x.toLowerCase()}
        </span>
      }
      table={() => ({
        columns: [x, ...aligned.series.map((series) => series.label)],
        rows: aligned.x.map((value, row) => [
          value,
          ...aligned.series.map((series) => series.values[row] ?? null),
        ]),
      })}
    >
      <LineChart
        x={aligned.x}
        lines={aligned.series.map((line) => ({ ...line, faint: line.label === CHANCE.label }))}
        fromZero
        formatX={formatTick}
        formatY={formatMetric}
      />
    </ChartFrame>
  );
}
