"use client";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "next/navigation";
import { useQueryStates } from "nuqs";
import {
  DEPLOYMENT_TABS,
  deploymentSearchParams,
} from "@/app/(workspace)/[workspace]/deployments/search-params";
import { PlaygroundTab } from "@/components/predictions/playground-tab";
import { PredictionLog } from "@/components/predictions/prediction-log";
import { QualityCard } from "@/components/predictions/quality-card";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { humanize } from "@/components/ui/format";
import { PageHeader } from "@/components/ui/page";
import { QueryView } from "@/components/ui/states";
import { Tabs } from "@/components/ui/tabs";
import { TextLink } from "@/components/ui/text-link";
import { RelativeTime } from "@/components/ui/time";
import type { DeploymentDetailDto } from "@/server/deployments/schemas";
import { DeploymentMenu } from "./deployment-menu";
import { EnvironmentBadge } from "./environment-badge";
import { OverviewTab } from "./overview-tab";
import { RollbackButton } from "./rollback-button";
import { DeploymentStatus } from "./scaling/deployment-status";
import { SettingsTab } from "./settings/settings-tab";

/** One endpoint: how it does, a place to try it, what it answered. */
export function DeploymentPage() {
  const { deployment } = useParams<{ deployment: string }>();
  const trpc = useTRPC();
  const query = useQuery({
    ...trpc.deployments.get.queryOptions({ deployment }),
    refetchInterval: ({ state }) =>
      state.data?.status === "deploying" || state.data?.status === "pending" ? 1_500 : 15_000,
  });
  return <QueryView query={query}>{(data) => <DeploymentView deployment={data} />}</QueryView>;
}

/** "v2", or the shares of several. */
function servedText({ variants }: DeploymentDetailDto): string {
  const serving = variants
    .filter(({ status, role }) => status === "active" && role !== "shadow")
    .sort((a, b) => a.versionNumber - b.versionNumber);
  const [first] = serving;
  if (!first) return "(nothing yet)";
  if (serving.length === 1) return `v${first.versionNumber}`;
  return serving.map((one) => `v${one.versionNumber} ${one.weight}%`).join(", ");
}

function DeploymentView({ deployment }: { deployment: DeploymentDetailDto }) {
  const { path } = useWorkspace();
  const [{ tab }, setParams] = useQueryStates(deploymentSearchParams);
  return (
    <>
      <PageHeader
        crumbs={[{ label: "Deployments", href: path("deployments") }]}
        title={deployment.name}
        status={
          <>
            <DeploymentStatus deployment={deployment} />
            <EnvironmentBadge environment={deployment.environment} />
          </>
        }
        meta={
          <>
            <span>
              serves{" "}
              <TextLink href={path("registry", deployment.modelId)}>
                {deployment.modelName}
              </TextLink>{" "}
              {servedText(deployment)}
            </span>
            <span>
              changed <RelativeTime at={deployment.updatedAt} />
            </span>
          </>
        }
        actions={
          <Allowed permission="deployments:write" explain>
            <RollbackButton deployment={deployment} />
            <DeploymentMenu deployment={deployment} />
          </Allowed>
        }
      />
      {deployment.error && (
        <p
          role="alert"
          className="wrap-anywhere mb-4 rounded-lg bg-danger-soft p-3 text-13 text-danger"
        >
          <span className="font-semibold">The last roll-out did not come about.</span>{" "}
          {deployment.error}
        </p>
      )}
      <Tabs
        label="Deployment"
        value={tab}
        onChange={(next) => void setParams({ tab: next })}
        tabs={DEPLOYMENT_TABS.map((value) => ({ value, label: humanize(value) }))}
      >
        {tab === "overview" && <OverviewTab deployment={deployment} />}
        {tab === "playground" && <PlaygroundTab deployment={deployment} />}
        {tab === "predictions" && (
          <div className="space-y-4">
            <QualityCard deployment={deployment.id} />
            <PredictionLog deployment={deployment.id} />
          </div>
        )}
        {tab === "settings" && <SettingsTab deployment={deployment.id} />}
      </Tabs>
    </>
  );
}
