"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useQueryStates } from "nuqs";
import { deploymentSearchParams } from "@/app/(workspace)/[workspace]/deployments/search-params";
import { useTRPC } from "@/components/trpc/client";
import { Card, Stat } from "@/components/ui/card";
import { formatCount, formatMs, formatPercent } from "@/components/ui/format";
import { QueryView, Skeleton } from "@/components/ui/states";
import { Segmented } from "@/components/ui/toggles";
import type { MetricsDto } from "@/server/deployments/metrics/schemas";
import type { DeploymentDetailDto } from "@/server/deployments/schemas";
import { EventTimeline } from "./event-timeline";
import { formatRate } from "./format-rate";
import { HealthCard } from "./health-card";
import { LatencyChart, TrafficChart } from "./metric-charts";
import { askedVariants } from "./prepare-versions";
import { RollOutHistory } from "./roll-out/roll-out-history";
import { RollOutPanel } from "./roll-out/roll-out-panel";
import { ReplicasCard } from "./scaling/replicas-card";
import { ShadowCard } from "./shadow-card";
import { TrafficCard } from "./traffic/traffic-card";
import { VariantList } from "./variant-list";
import { VersionLatencyChart, VersionTrafficChart } from "./version-charts";

const RANGE_LABELS = [
  { value: "15" as const, label: "15 min" },
  { value: "60" as const, label: "1 h" },
  { value: "1440" as const, label: "24 h" },
  { value: "10080" as const, label: "7 d" },
];

const BY_LABELS = [
  { value: "all" as const, label: "Together" },
  { value: "version" as const, label: "By version" },
];

/** Short ranges are watched, long ones are read. */
const refreshMs = (minutes: number) => (minutes <= 60 ? 3_000 : 30_000);

/** How the endpoint does now: figures, charts, health, versions, history. */
export function OverviewTab({ deployment }: { deployment: DeploymentDetailDto }) {
  const trpc = useTRPC();
  const [{ range, by }, setParams] = useQueryStates(deploymentSearchParams);
  const rangeMinutes = Number(range);
  const metrics = useQuery({
    ...trpc.deployments.metrics.queryOptions({ deployment: deployment.id, rangeMinutes }),
    refetchInterval: refreshMs(rangeMinutes),
    placeholderData: keepPreviousData,
  });
  return (
    <div className="space-y-4">
      {deployment.rollOut && <RollOutPanel deployment={deployment} rollOut={deployment.rollOut} />}
      <div className="flex flex-wrap justify-end gap-2">
        {metrics.data && askedVariants(metrics.data).length > 1 && (
          <Segmented
            label="Lines of the charts"
            value={by}
            onChange={(next) => void setParams({ by: next })}
            choices={BY_LABELS}
          />
        )}
        <Segmented
          label="Time range"
          value={range}
          onChange={(next) => void setParams({ range: next })}
          choices={RANGE_LABELS}
        />
      </div>
      <QueryView query={metrics} skeleton={<MetricsSkeleton />}>
        {(data) => (
          <>
            <KeyFigures metrics={data} />
            <div className="grid gap-4 lg:grid-cols-2">
              <Charts metrics={data} isByVersion={by === "version"} />
            </div>
          </>
        )}
      </QueryView>
      <div className="grid items-start gap-4 lg:grid-cols-[3fr_2fr]">
        <div className="min-w-0 space-y-4">
          <ReplicasCard deployment={deployment.id} />
          <TrafficCard deployment={deployment} metrics={metrics.data} />
          <ShadowCard deployment={deployment.id} rangeMinutes={rangeMinutes} />
          <EventTimeline deployment={deployment.id} />
        </div>
        <div className="min-w-0 space-y-4">
          <RollOutHistory deployment={deployment.id} />
          <HealthCard deployment={deployment.id} />
          <VariantList deployment={deployment} />
        </div>
      </div>
    </div>
  );
}

const Charts = ({ metrics, isByVersion }: { metrics: MetricsDto; isByVersion: boolean }) =>
  isByVersion && metrics.requests > 0 ? (
    <>
      <VersionLatencyChart metrics={metrics} />
      <VersionTrafficChart metrics={metrics} />
    </>
  ) : (
    <>
      <LatencyChart metrics={metrics} />
      <TrafficChart metrics={metrics} />
    </>
  );

const KeyFigures = ({ metrics }: { metrics: MetricsDto }) => (
  <Card>
    <div className="grid grid-cols-2 gap-4 sm:grid-cols-3 lg:grid-cols-6">
      <Stat name="Requests" value={formatCount(metrics.requests)} />
      <Stat name="Rate" value={formatRate(metrics.requestRate)} />
      <Stat name="Errors" value={formatPercent(metrics.errorRate, 2)} />
      <Stat name="p50" value={formatMs(metrics.p50Ms)} />
      <Stat name="p95" value={formatMs(metrics.p95Ms)} />
      <Stat name="p99" value={formatMs(metrics.p99Ms)} />
    </div>
    <BatchRows batch={metrics.batch} />
  </Card>
);

/** Rows that batch jobs answered meanwhile; they are no requests and in none of the figures above. */
function BatchRows({ batch }: { batch: MetricsDto["batch"] }) {
  if (batch.rows + batch.failed === 0) return null;
  return (
    <p className="mt-3 border-t pt-3 text-fg-muted text-xs tabular-nums">
      Besides, batch jobs answered {formatCount(batch.rows)} {batch.rows === 1 ? "row" : "rows"}
      {batch.failed > 0 && ` and left ${formatCount(batch.failed)} without an answer`}.
    </p>
  );
}

const MetricsSkeleton = () => (
  <>
    <Skeleton className="h-19" />
    <div className="grid gap-4 lg:grid-cols-2">
      <Skeleton className="h-71" />
      <Skeleton className="h-71" />
    </div>
  </>
);
