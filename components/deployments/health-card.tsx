"use client";
import { useQuery } from "@tanstack/react-query";
import { Allowed } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Card, Facts } from "@/components/ui/card";
import { formatCount, formatPercent } from "@/components/ui/format";
import { QueryView, Skeleton } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { RelativeTime } from "@/components/ui/time";
import type { HealthDto } from "@/server/deployments/schemas";
import { HealthNodes } from "./health-nodes";
import { ScaleButton } from "./scaling/scale-button";

/** An idle deployment's version may be held for another one, and nodes hold more than are wanted at times. */
function replicasText({ ready, wanted }: HealthDto["replicas"]): string {
  if (wanted === 0) return "none while idle";
  return ready > wanted ? `${ready}, ${wanted} wanted` : `${ready} of ${wanted}`;
}

/** Whether every wanted replica is loaded and answers. */
export function HealthCard({ deployment }: { deployment: string }) {
  const trpc = useTRPC();
  const health = useQuery({
    ...trpc.deployments.health.queryOptions({ deployment }),
    refetchInterval: 5_000,
  });
  return (
    <Card
      title="Health"
      actions={
        health.data && (
          <>
            <Status status={health.data.health} />
            <Allowed permission="deployments:write">
              <ScaleButton deployment={deployment} />
            </Allowed>
          </>
        )
      }
    >
      <QueryView query={health} skeleton={<Skeleton className="h-24" />}>
        {(data) => (
          <>
            <Facts
              items={[
                {
                  name: "Replicas ready",
                  value: replicasText(data.replicas),
                },
                ...(data.pods
                  ? [{ name: "Pods ready", value: `${data.pods.ready} of ${data.pods.replicas}` }]
                  : []),
                ...(data.pods?.message ? [{ name: "Cluster", value: data.pods.message }] : []),
                {
                  name: `Errors, last ${data.recent.minutes} min`,
                  value: `${formatCount(data.recent.errors)} of ${formatCount(data.recent.requests)} (${formatPercent(data.recent.errorRate)})`,
                },
                { name: "Checked", value: <RelativeTime at={data.checkedAt} /> },
              ]}
            />
            <HealthNodes nodes={data.nodes} />
          </>
        )}
      </QueryView>
    </Card>
  );
}
