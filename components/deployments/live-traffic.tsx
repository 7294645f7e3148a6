"use client";
import { useQuery } from "@tanstack/react-query";
import { Sparkline } from "@/components/charts/draw/sparkline";
import { useTRPC } from "@/components/trpc/client";
import { formatMs, formatPercent } from "@/components/ui/format";
import { Skeleton } from "@/components/ui/states";
import { formatRate } from "./format-rate";
import { ratesOf } from "./prepare-rates";

/** Requests a second, p95 and failures of the last 15 minutes, as a small line with figures. */
export function LiveTraffic({ deployment, compact }: { deployment: string; compact?: boolean }) {
  const trpc = useTRPC();
  const metrics = useQuery({
    ...trpc.deployments.metrics.queryOptions({ deployment, rangeMinutes: 15 }),
    refetchInterval: 5_000,
  });
  if (metrics.isPending) return <Skeleton className="h-6 w-40" />;
  if (!metrics.data) return <span className="text-fg-subtle">–</span>;
  const { series, bucketSeconds, requests, errors, requestRate, p95Ms } = metrics.data;
  return (
    <span className="inline-flex items-center gap-3 tabular-nums">
      <Sparkline
        label={`Requests over 15 minutes, ${formatRate(requestRate)} on average`}
        values={ratesOf(series, bucketSeconds, ({ requests }) => requests)}
        width={compact ? 72 : 112}
      />
      <span className="text-xs">
        {requests === 0 ? (
          <span className="text-fg-subtle">no requests</span>
        ) : (
          <>
            {formatRate(requestRate)}
            <span className="text-fg-subtle"> · p95 {formatMs(p95Ms)}</span>
            {errors > 0 && (
              <span className="text-danger"> · {shareText(errors / requests)} errors</span>
            )}
          </>
        )}
      </span>
    </span>
  );
}

/** With as many digits as its size is worth. */
const shareText = (share: number): string =>
  formatPercent(share, share < 0.01 ? 2 : share < 0.1 ? 1 : 0);
