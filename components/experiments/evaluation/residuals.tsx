"use client";
import { useMemo } from "react";
import { ChartFrame } from "@/components/charts/chart-frame";
import { BarChart } from "@/components/charts/draw/bar-chart";
import { ScatterChart } from "@/components/charts/draw/scatter-chart";
import { formatCount, formatMetric, formatTick } from "@/components/ui/format";
import type { Regressed } from "./evaluation";

/** Points drawn; a browser draws no more without a pause. */
const POINTS_MAX = 2000;

/** Prediction against truth, and how far off the predictions are. */
export function Residuals({ data }: { data: Regressed }) {
  const { truth, prediction } = data.residuals;
  const { edges, counts } = data.residualHistogram;
  const points = useMemo(
    () =>
      truth.slice(0, POINTS_MAX).map((x, at) => ({
        id: String(at),
        label: `Row ${at + 1}`,
        x,
        y: prediction[at] ?? null,
      })),
    [truth, prediction],
  );
  const bars = counts.map((value, at) => ({
    label: `${formatMetric(edges[at])} to ${formatMetric(edges[at + 1])}`,
    value,
  }));
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <ChartFrame
        title="Prediction against truth"
        summary={`${truth.length} rows of ${data.split}`}
        table={() => ({
          columns: ["Truth", "Prediction", "Residual"],
          rows: truth.map((value, at) => [
            value,
            prediction[at] ?? null,
            value - (prediction[at] ?? 0),
          ]),
        })}
      >
        <ScatterChart
          points={points}
          xLabel="Truth"
          yLabel="Prediction"
          format={formatTick}
          noun="rows"
        />
        {truth.length > points.length && (
          <p className="text-fg-muted text-xs">
            {formatCount(points.length)} of {formatCount(truth.length)} rows are drawn; the table
            and its file have all.
          </p>
        )}
      </ChartFrame>
      <ChartFrame
        title="Residuals (truth − prediction)"
        summary={`between ${formatMetric(edges[0])} and ${formatMetric(edges.at(-1))}`}
        table={() => ({
          columns: ["Residual", "Rows"],
          rows: bars.map((bar) => [bar.label, bar.value]),
        })}
      >
        <BarChart data={bars} height={260} />
      </ChartFrame>
    </div>
  );
}
