"use client";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ChartFrame } from "@/components/charts/chart-frame";
import { LineChart } from "@/components/charts/draw/line-chart";
import { useTRPC } from "@/components/trpc/client";
import { formatCount, formatTick } from "@/components/ui/format";
import type { ScalingDto } from "@/server/deployments/scaling/schemas";

const RANGE_MINUTES = 60;

/** Replicas and the load they follow over the last hour; nothing where replicas are set by hand. */
export function ReplicasCard({ deployment }: { deployment: string }) {
  const trpc = useTRPC();
  const scaling = useQuery({
    ...trpc.deployments.scaling.queryOptions({ deployment, rangeMinutes: RANGE_MINUTES }),
    refetchInterval: ({ state }) => (state.data?.isAutoscaled ? 5_000 : 30_000),
  });
  const { data } = scaling;
  // Beside the other cards of the page an error of this one has nothing to add.
  if (!data?.isAutoscaled) return null;
  return <ReplicasChart scaling={data} />;
}

/** Replicas are whole; ticks between are lines without a number. */
const wholeTick = (count: number): string => (Number.isInteger(count) ? String(count) : "");

function ReplicasChart({ scaling }: { scaling: ScalingDto }) {
  const { series, metric, target, wanted, min, max } = scaling;
  const load = metric === "rps" ? "requests/s" : "requests at once";
  const { x, lines } = useMemo(() => {
    const loadOf = (point: ScalingDto["series"][number]) =>
      metric === "rps" ? point.requestsPerSecond : point.concurrency;
    return {
      x: series.map((point) => new Date(point.at).getTime() / 1000),
      lines: [
        { label: "wanted", values: series.map((point) => point.wanted) },
        { label: "ready", values: series.map((point) => point.ready) },
        {
          label: `load, in replicas of ${formatTick(target)} ${load}`,
          look: 5,
          values: series.map((point) => loadOf(point) / target),
        },
      ],
    };
  }, [series, metric, target, load]);
  const now = wanted === 0 ? "Idle" : `${formatCount(wanted)} wanted`;
  return (
    <ChartFrame
      title="Replicas"
      summary={`${now}, of ${formatCount(min)} to ${formatCount(max)}. Load is counted in ${load}, ${formatTick(target)} a replica. The last hour.`}
      table={() => ({
        columns: ["Time", "Wanted", "Ready", "Requests at once", "Requests/s"],
        rows: series.map((point) => [
          point.at,
          point.wanted,
          point.ready,
          point.concurrency,
          point.requestsPerSecond,
        ]),
      })}
    >
      {series.length < 2 ? (
        <p className="py-16 text-center text-13 text-fg-subtle">
          The first minutes are being measured.
        </p>
      ) : (
        <LineChart x={x} lines={lines} time fromZero formatY={formatTick} formatTickY={wholeTick} />
      )}
    </ChartFrame>
  );
}
