"use client";
import { useQuery } from "@tanstack/react-query";
import { Rocket } from "lucide-react";
import { EnvironmentBadge } from "@/components/deployments/environment-badge";
import { LiveTraffic } from "@/components/deployments/live-traffic";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { LinkButton } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { type Column, DataTable } from "@/components/ui/data-table";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import type { DeploymentDto } from "@/server/deployments/schemas";

const SHOWN = 8;

const COLUMNS: Column<DeploymentDto>[] = [
  { id: "name", header: "Name", card: "title", cell: (deployment) => deployment.name },
  {
    id: "status",
    header: "Status",
    card: "corner",
    cell: (deployment) => <Status status={deployment.status} />,
  },
  {
    id: "environment",
    header: "Environment",
    cell: (deployment) => <EnvironmentBadge environment={deployment.environment} />,
  },
  {
    id: "serves",
    header: "Serves",
    cell: (deployment) => (
      <>
        {deployment.modelName}{" "}
        <span className="text-fg-subtle">v{deployment.activeVersion?.versionNumber ?? "–"}</span>
      </>
    ),
  },
  {
    id: "traffic",
    header: "Last 15 minutes",
    card: "wide",
    cell: (deployment) => <LiveTraffic deployment={deployment.id} />,
  },
];

/** Endpoints that answer now, with their traffic. */
export function LiveDeployments() {
  const trpc = useTRPC();
  const { path } = useWorkspace();
  const deployments = useQuery(
    trpc.deployments.list.queryOptions({ limit: 50, sort: "updatedAt" }),
  );
  return (
    <Card
      title="Live"
      flush
      actions={
        <LinkButton size="sm" variant="ghost" href={path("deployments")}>
          All deployments
        </LinkButton>
      }
    >
      <QueryView query={deployments} skeleton={<TableSkeleton rows={2} />}>
        {(data) => {
          const live = data.items.filter((item) => item.activeVersion !== null).slice(0, SHOWN);
          return live.length === 0 ? (
            <EmptyState icon={<Rocket aria-hidden />} title="Nothing is live" className="py-8">
              A deployed version appears here with its traffic and latency.
            </EmptyState>
          ) : (
            <DataTable
              label="Live deployments"
              rows={live}
              columns={COLUMNS}
              rowKey={(deployment) => deployment.id}
              rowHref={(deployment) => path("deployments", deployment.id)}
            />
          );
        }}
      </QueryView>
    </Card>
  );
}
