"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useQueryStates } from "nuqs";
import { useMemo } from "react";
import {
  deploymentSearchParams,
  QUALITY_DAYS,
} from "@/app/(workspace)/[workspace]/deployments/search-params";
import { ChartFrame } from "@/components/charts/chart-frame";
import { LineChart } from "@/components/charts/draw/line-chart";
import { useTRPC } from "@/components/trpc/client";
import { Card } from "@/components/ui/card";
import { formatCount, formatPercent, formatTick } from "@/components/ui/format";
import { QueryView, Skeleton } from "@/components/ui/states";
import { Segmented } from "@/components/ui/toggles";
import type { PredictionQualityDto } from "@/server/predictions/quality/schemas";
import { type Measure, measuresOf, qualityLines } from "./prepare-quality";
import { UnreadNotice } from "./unread-notice";

const CHOICES = QUALITY_DAYS.map((value) => ({ value, label: `${value} d` }));
const TITLES: Record<Measure, string> = {
  accuracy: "Accuracy",
  mae: "Mean absolute error",
  rmse: "Root mean squared error",
};

/** How right each variant was, as far as outcomes are known. */
export function QualityCard({ deployment }: { deployment: string }) {
  const trpc = useTRPC();
  const [{ quality: days }, setParams] = useQueryStates(deploymentSearchParams);
  const query = useQuery({
    ...trpc.predictions.quality.queryOptions({ deployment, days: Number(days) }),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  return (
    <Card
      title="Quality"
      description="Predictions beside what came of them, by variant."
      actions={
        <Segmented
          label="Days of quality"
          value={days}
          onChange={(next) => void setParams({ quality: next })}
          choices={CHOICES}
        />
      }
    >
      <QueryView query={query} skeleton={<Skeleton className="h-48" />}>
        {(data) => (
          <>
            {data.unread.length > 0 && (
              <div className="-mx-4 -mt-4 mb-4">
                <UnreadNotice
                  unread={data.unread}
                  onRetry={() => void query.refetch()}
                  retrying={query.isRefetching}
                />
              </div>
            )}
            {data.variants.length === 0 ? (
              <p className="text-13 text-fg-muted">
                Nothing is known of these days. Tell what came of a request where it is opened
                below, upload outcomes as CSV, or send them to POST /api/v1/predictions/outcomes.
              </p>
            ) : (
              <QualityCharts quality={data} />
            )}
          </>
        )}
      </QueryView>
    </Card>
  );
}

function QualityCharts({ quality }: { quality: PredictionQualityDto }) {
  const measures = measuresOf(quality);
  const outcomes = quality.variants.reduce((sum, variant) => sum + variant.outcomes, 0);
  return (
    <div className="space-y-3">
      <div className={measures.length > 1 ? "grid gap-4 lg:grid-cols-2" : ""}>
        {measures.map((measure) => (
          <QualityChart key={measure} quality={quality} measure={measure} />
        ))}
      </div>
      <p className="text-fg-subtle text-xs">
        {outcomes === 1 ? "1 outcome is" : `${formatCount(outcomes)} outcomes are`} known.
        {quality.completeFrom !== quality.from &&
          ` Requests before ${new Date(quality.completeFrom).toLocaleDateString()} were not looked at this time.`}
      </p>
    </div>
  );
}

function QualityChart({ quality, measure }: { quality: PredictionQualityDto; measure: Measure }) {
  const { x, lines } = useMemo(() => qualityLines(quality, measure), [quality, measure]);
  const format = (value: number) =>
    measure === "accuracy" ? formatPercent(value) : Number(value.toPrecision(4)).toString();
  return (
    <ChartFrame
      title={TITLES[measure]}
      summary={quality.variants
        .filter((variant) => variant[measure] !== null)
        .map((variant) => `${variant.name ?? "deleted"} ${format(variant[measure] ?? 0)}`)
        .join(", ")}
      table={() => ({
        columns: ["Time", ...lines.map(({ label }) => label)],
        rows: x
          .map((at, row) => [
            new Date(at * 1000).toISOString(),
            ...lines.map(({ values }) => values[row] ?? null),
          ])
          .filter(([, ...values]) => values.some((value) => value !== null)),
      })}
    >
      <LineChart
        x={x}
        lines={lines}
        time
        fromZero={measure !== "accuracy"}
        formatY={format}
        formatTickY={measure === "accuracy" ? (value) => formatPercent(value, 0) : formatTick}
      />
    </ChartFrame>
  );
}
