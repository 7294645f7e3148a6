"use client";
import { useState } from "react";
import { ChartFrame } from "@/components/charts/chart-frame";
import { LineChart } from "@/components/charts/draw/line-chart";
import { alignSeries } from "@/components/charts/prepare/align-series";
import { Card, Stat } from "@/components/ui/card";
import { formatCount, formatMetric, formatPercent } from "@/components/ui/format";
import { Slider } from "@/components/ui/toggles";
import { areaUnder, atThreshold, type Classified, supportOf } from "./evaluation";

/** ROC and precision-recall of each class, and what a threshold on the score would do. */
export function ThresholdCurves({ data }: { data: Classified }) {
  const roc = alignSeries(
    data.roc.map((curve) => ({
      label: `${curve.class} (AUC ${areaUnder(curve.falsePositiveRate, curve.truePositiveRate).toFixed(4)})`,
      points: curve.falsePositiveRate.map((x, at) => ({
        x,
        y: curve.truePositiveRate[at] ?? null,
      })),
    })),
  );
  const recall = alignSeries(
    data.precisionRecall.map((curve) => ({
      label: `${curve.class}`,
      points: curve.recall.map((x, at) => ({ x, y: curve.precision[at] ?? null })),
    })),
  );
  return (
    <div className="space-y-4">
      <Curve title="ROC" x="False positive rate" y="True positive rate" aligned={roc} />
      <Curve title="Precision and recall" x="Recall" y="Precision" aligned={recall} />
      {data.roc.length === 1 && data.roc[0] && <Threshold data={data} roc={data.roc[0]} />}
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
        lines={aligned.series}
        fromZero
        formatX={(value) => value.toFixed(2)}
        formatY={formatMetric}
      />
    </ChartFrame>
  );
}

function Threshold({ data, roc }: { data: Classified; roc: Classified["roc"][number] }) {
  const [threshold, setThreshold] = useState(0.5);
  const support = supportOf(data.confusionMatrix);
  const index = data.classes.indexOf(roc.class);
  const positives = support[index] ?? 0;
  const negatives = support.reduce((a, b) => a + b, 0) - positives;
  const now = atThreshold(roc, threshold, positives, negatives);
  const part = (value: number | null) => (value === null ? "–" : formatPercent(value));
  return (
    <Card title={`Threshold for “${roc.class}”`}>
      <Slider
        label="Threshold"
        value={threshold}
        onChange={setThreshold}
        min={0}
        max={1}
        step={0.01}
        format={(value) => value.toFixed(2)}
      />
      <div className="mt-3 grid grid-cols-2 gap-3 sm:grid-cols-4">
        <Stat name="Precision" value={part(now.precision)} />
        <Stat name="Recall" value={part(now.recall)} />
        <Stat name="F1" value={part(now.f1)} />
        <Stat name="Accuracy" value={part(now.accuracy)} />
        <Stat name="True positives" value={formatCount(now.truePositive)} />
        <Stat name="False positives" value={formatCount(now.falsePositive)} />
        <Stat name="False negatives" value={formatCount(now.falseNegative)} />
        <Stat name="True negatives" value={formatCount(now.trueNegative)} />
      </div>
    </Card>
  );
}
