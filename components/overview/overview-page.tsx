"use client";
import { useQuery } from "@tanstack/react-query";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { PageHeader } from "@/components/ui/page";
import { FailedList } from "./failed-list";
import { FirstSteps } from "./first-steps";
import { LiveDeployments } from "./live-deployments";
import { RecentModels } from "./recent-models";
import { RunningJobs } from "./running-jobs";

/** What is live, what runs, what failed; in an empty workspace the way to the first prediction. */
export function OverviewPage() {
  const trpc = useTRPC();
  const { name, can } = useWorkspace();
  const one = { limit: 1 };
  const datasets = useQuery(trpc.datasets.list.queryOptions(one));
  const models = useQuery(trpc.registry.listModels.queryOptions(one));
  const deployments = useQuery(trpc.deployments.list.queryOptions(one));
  const jobs = useQuery(trpc.training.list.queryOptions(one));
  const has = (list: { items: unknown[] } | undefined) => (list?.items.length ?? 0) > 0;
  const loaded = datasets.data && models.data && deployments.data && jobs.data;
  const done = {
    dataset: has(datasets.data),
    training: has(jobs.data) || has(models.data),
    deployment: has(deployments.data),
  };
  const beginning = loaded && !(done.dataset && done.training && done.deployment);
  return (
    <>
      <PageHeader title="Overview" description={`What ${name} serves and trains right now.`} />
      <div className="space-y-4">
        {beginning && <FirstSteps done={done} />}
        {can("deployments:read") && <LiveDeployments />}
        <div className="grid items-start gap-4 lg:grid-cols-2">
          <RunningJobs />
          <FailedList />
        </div>
        <RecentModels />
      </div>
    </>
  );
}
