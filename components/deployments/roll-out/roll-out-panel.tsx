"use client";
import { useQuery } from "@tanstack/react-query";
import { Allowed } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Card } from "@/components/ui/card";
import { Status } from "@/components/ui/status";
import { RelativeTime } from "@/components/ui/time";
import type { RollOutDto } from "@/server/deployments/roll-outs/schemas";
import type { DeploymentDetailDto } from "@/server/deployments/schemas";
import { STRATEGY_TEXTS } from "../strategies";
import { AnalysisTable } from "./analysis-table";
import { BakeClock } from "./bake-clock";
import { RollOutActions } from "./roll-out-actions";
import { RollOutSteps } from "./roll-out-steps";

/** The roll-out under way: where it stands, what the analysis says, and what one may do. */
export function RollOutPanel({
  deployment,
  rollOut,
}: {
  deployment: DeploymentDetailDto;
  rollOut: RollOutDto;
}) {
  const trpc = useTRPC();
  const detail = useQuery({
    ...trpc.deployments.getRollOut.queryOptions({
      deployment: deployment.id,
      rollOut: rollOut.id,
    }),
    refetchInterval: 3_000,
  });
  const stable = deployment.variants.find((one) => one.id === rollOut.stableVariantId);
  return (
    <Card
      title={
        <span className="flex flex-wrap items-center gap-2">
          {STRATEGY_TEXTS[rollOut.strategy].label} of v{rollOut.versionNumber}
          <Status status={rollOut.state} />
        </span>
      }
      description={
        <>
          asked for by {rollOut.createdBy ?? "somebody"} <RelativeTime at={rollOut.createdAt} />
          {rollOut.comment && `: ${rollOut.comment}`}
        </>
      }
      actions={
        <Allowed permission="deployments:write">
          <RollOutActions deployment={deployment} rollOut={rollOut} />
        </Allowed>
      }
    >
      <div className="space-y-4">
        {rollOut.plan.steps.length > 0 && (
          <RollOutSteps
            strategy={rollOut.strategy}
            steps={rollOut.plan.steps}
            current={rollOut.step}
          />
        )}
        <BakeClock rollOut={rollOut} />
        {rollOut.step >= 0 && (
          <AnalysisTable
            analyses={detail.data?.analyses ?? []}
            isEnabled={rollOut.plan.analysis.isEnabled}
            isPending={detail.isPending}
            isShadow={rollOut.strategy === "shadow"}
            stable={stable ? `v${stable.versionNumber}` : "before"}
            candidate={`v${rollOut.versionNumber}`}
          />
        )}
      </div>
    </Card>
  );
}
