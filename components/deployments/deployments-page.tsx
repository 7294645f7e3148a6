"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Rocket } from "lucide-react";
import { useQueryStates } from "nuqs";
import { useDeferredValue } from "react";
import { deploymentsSearchParams } from "@/app/(workspace)/[workspace]/deployments/search-params";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { LinkButton } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { type Column, DataTable } from "@/components/ui/data-table";
import { humanize } from "@/components/ui/format";
import { LoadMore } from "@/components/ui/load-more";
import { PageHeader, Toolbar } from "@/components/ui/page";
import { SearchField } from "@/components/ui/search-field";
import { Select } from "@/components/ui/select";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { RelativeTime } from "@/components/ui/time";
import { ENVIRONMENTS } from "@/server/deployments/constants";
import type { DeploymentDto } from "@/server/deployments/schemas";
import { EnvironmentBadge } from "./environment-badge";
import { LiveTraffic } from "./live-traffic";
import { DeploymentStatus } from "./scaling/deployment-status";

/** The version with the largest share, and that share where others have some. */
function servedText({ activeVersion }: DeploymentDto): string {
  if (!activeVersion) return "nothing yet";
  const { versionNumber, weight } = activeVersion;
  return weight === 100 ? `v${versionNumber}` : `v${versionNumber}, ${weight}%`;
}

const COLUMNS: Column<DeploymentDto>[] = [
  {
    id: "name",
    header: "Name",
    card: "title",
    cell: ({ name }) => (
      <span title={name} className="block truncate md:max-w-64">
        {name}
      </span>
    ),
  },
  {
    id: "status",
    header: "Status",
    card: "corner",
    cell: (deployment) => <DeploymentStatus deployment={deployment} />,
  },
  {
    id: "environment",
    header: "Environment",
    cell: (deployment) => <EnvironmentBadge environment={deployment.environment} />,
  },
  {
    id: "model",
    header: "Serves",
    cell: (deployment) => (
      <span>
        {deployment.modelName} <span className="text-fg-subtle">{servedText(deployment)}</span>
      </span>
    ),
  },
  {
    id: "traffic",
    header: "Last 15 minutes",
    card: "wide",
    cell: (deployment) =>
      deployment.activeVersion ? <LiveTraffic deployment={deployment.id} compact /> : "–",
  },
  {
    id: "updated",
    header: "Changed",
    cell: (deployment) => <RelativeTime at={deployment.updatedAt} />,
  },
];

/** Every endpoint of the workspace. */
export function DeploymentsPage() {
  const trpc = useTRPC();
  const { path } = useWorkspace();
  const [{ search, environment }, setParams] = useQueryStates(deploymentsSearchParams);
  const deferred = useDeferredValue(search.trim());
  const deployments = useInfiniteQuery({
    ...trpc.deployments.list.infiniteQueryOptions(
      { search: deferred || undefined, environment: environment ?? undefined },
      { getNextPageParam: (page) => page.nextCursor ?? undefined },
    ),
    placeholderData: keepPreviousData,
  });
  const filtered = deferred !== "" || environment !== null;
  return (
    <>
      <PageHeader
        title="Deployments"
        description="Named endpoints that answer predictions, each in one environment."
      />
      <Toolbar>
        <SearchField
          label="Search deployments"
          value={search}
          onChange={(next) => void setParams({ search: next })}
        />
        <Select
          ariaLabel="Environment"
          value={environment ?? "all"}
          onChange={(next) => void setParams({ environment: next === "all" ? null : next })}
          options={[
            { value: "all" as const, label: "Every environment" },
            ...ENVIRONMENTS.map((value) => ({ value, label: humanize(value) })),
          ]}
        />
      </Toolbar>
      <Card flush>
        <QueryView query={deployments} skeleton={<TableSkeleton />}>
          {(data) => {
            const items = data.pages.flatMap((page) => page.items);
            if (items.length === 0) return <NoDeployments filtered={filtered} />;
            return (
              <DataTable
                label="Deployments"
                rows={items}
                columns={COLUMNS}
                rowKey={(deployment) => deployment.id}
                rowHref={(deployment) => path("deployments", deployment.id)}
                footer={<LoadMore query={deployments} />}
              />
            );
          }}
        </QueryView>
      </Card>
    </>
  );
}

function NoDeployments({ filtered }: { filtered: boolean }) {
  const { path } = useWorkspace();
  if (filtered) return <EmptyState icon={<Rocket aria-hidden />} title="Nothing matches" />;
  return (
    <EmptyState
      icon={<Rocket aria-hidden />}
      title="Nothing is deployed yet"
      action={<LinkButton href={path("registry")}>Choose a model version</LinkButton>}
    >
      Open a version of a model and press Deploy. It gets an address that answers at once.
    </EmptyState>
  );
}
