"use client";
import { Sparkline } from "@/components/charts/draw/sparkline";
import { formatMs, formatPercent } from "@/components/ui/format";
import type { MetricsDto } from "@/server/deployments/metrics/schemas";
import type { VariantDto } from "@/server/deployments/schemas";
import type { Share } from "@/server/deployments/traffic/share-weights";
import { formatRate } from "../format-rate";
import { ratesOf } from "../prepare-rates";
import { WeightInput } from "./weight-input";
import { WeightSlider } from "./weight-slider";

const ROLES = { stable: null, candidate: "candidate", shadow: "shadow" } as const;

/** One version: its share as slider and number, and how it does. */
export function TrafficRow({
  share,
  variant,
  metrics,
  bucketSeconds,
  disabled,
  form,
  onChange,
}: {
  share: Share;
  variant: VariantDto | undefined;
  metrics: MetricsDto["variants"][number] | undefined;
  bucketSeconds: number;
  disabled: boolean;
  /** The form its number belongs to. */
  form: string;
  onChange: (weight: number) => void;
}) {
  const name = variant ? `v${variant.versionNumber}` : "version";
  const role = variant ? ROLES[variant.role] : null;
  const isShadow = variant?.role === "shadow";
  return (
    <li className="space-y-1.5 px-4 py-2.5 text-13">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="flex flex-1 items-center gap-2 sm:w-28 sm:flex-none">
          <span className="font-medium">{name}</span>
          {role && <span className="text-fg-subtle text-xs">{role}</span>}
        </span>
        {isShadow ? (
          <span className="flex-1 text-fg-muted">copies of the requests, answers nobody</span>
        ) : (
          <>
            <WeightSlider
              label={`Share of ${name}`}
              value={share.weight}
              onChange={onChange}
              disabled={disabled}
            />
            <span className="flex items-center gap-1">
              <WeightInput
                label={`Percent of ${name}`}
                form={form}
                value={share.weight}
                onChange={onChange}
                disabled={disabled}
              />
              %
            </span>
          </>
        )}
      </div>
      {(!isShadow || (metrics?.requests ?? 0) > 0) && (
        <Figures {...{ metrics, bucketSeconds, name }} />
      )}
    </li>
  );
}

function Figures({
  metrics,
  bucketSeconds,
  name,
}: {
  metrics: MetricsDto["variants"][number] | undefined;
  bucketSeconds: number;
  name: string;
}) {
  if (!metrics || metrics.requests === 0) {
    return <p className="text-fg-subtle text-xs">No requests in this range.</p>;
  }
  const figures = [
    { term: "Rate", value: formatRate(metrics.requestRate) },
    { term: "Errors", value: formatPercent(metrics.errorRate, 2) },
    { term: "p50", value: formatMs(metrics.p50Ms) },
    { term: "p95", value: formatMs(metrics.p95Ms) },
    { term: "p99", value: formatMs(metrics.p99Ms) },
  ];
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs tabular-nums">
      <Sparkline
        label={`Requests to ${name} over the range`}
        values={ratesOf(metrics.series, bucketSeconds, ({ requests }) => requests)}
        width={72}
      />
      <dl className="flex flex-wrap gap-x-4 gap-y-1">
        {figures.map((figure) => (
          <div key={figure.term} className="flex gap-1.5">
            <dt className="text-fg-subtle">{figure.term}</dt>
            <dd>{figure.value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
