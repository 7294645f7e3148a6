"use client";
import { usePrefetchQuery, useQuery } from "@tanstack/react-query";
import { useParams } from "next/navigation";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { formatPlural } from "@/components/ui/format";
import { PageHeader } from "@/components/ui/page";
import { QueryView } from "@/components/ui/states";
import { Badge } from "@/components/ui/status";
import { RelativeTime } from "@/components/ui/time";
import { ExperimentActions } from "./experiment-actions";
import { RunsView } from "./runs/runs-view";

/** One experiment with its runs. */
export function ExperimentPage() {
  const { experiment } = useParams<{ experiment: string }>();
  const trpc = useTRPC();
  const { path } = useWorkspace();
  // Asked in the same request as the experiment: what the table shows waits for these names.
  usePrefetchQuery(trpc.experiments.listColumns.queryOptions({ experimentIds: [experiment] }));
  const query = useQuery(trpc.experiments.get.queryOptions({ experiment }));
  return (
    <QueryView query={query}>
      {(data) => (
        <>
          <PageHeader
            crumbs={[{ label: "Experiments", href: path("experiments") }]}
            title={data.name}
            description={data.description}
            status={data.deletedAt && <Badge>Archived</Badge>}
            actions={<ExperimentActions experiment={data} />}
            meta={
              <>
                <span>{formatPlural(data.runCount, "run")}</span>
                <span>MLflow id {data.number}</span>
                <span>
                  last run <RelativeTime at={data.lastRunAt} />
                </span>
              </>
            }
          />
          <RunsView experiment={data.id} />
        </>
      )}
    </QueryView>
  );
}
