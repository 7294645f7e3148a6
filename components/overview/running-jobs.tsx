"use client";
import { useQuery } from "@tanstack/react-query";
import { Cpu } from "lucide-react";
import Link from "next/link";
import { useWorkspace } from "@/components/shell/workspace";
import { algorithmLabel } from "@/components/training/algorithm-label";
import { JobProgress } from "@/components/training/job-progress";
import { useTRPC } from "@/components/trpc/client";
import { LinkButton } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { Status } from "@/components/ui/status";

const SHOWN = 6;

/** Jobs that run or wait. */
export function RunningJobs() {
  const trpc = useTRPC();
  const { path } = useWorkspace();
  const live = { refetchInterval: 3_000 };
  const running = useQuery({
    ...trpc.training.list.queryOptions({ status: "running", limit: SHOWN }),
    ...live,
  });
  const queued = useQuery({
    ...trpc.training.list.queryOptions({ status: "queued", limit: SHOWN }),
    ...live,
  });
  return (
    <Card
      title="Running"
      flush
      actions={
        <LinkButton size="sm" variant="ghost" href={path("training")}>
          All trainings
        </LinkButton>
      }
    >
      <QueryView query={running} skeleton={<TableSkeleton rows={2} />}>
        {(data) => {
          const jobs = [...data.items, ...(queued.data?.items ?? [])].slice(0, SHOWN);
          return jobs.length === 0 ? (
            <EmptyState icon={<Cpu aria-hidden />} title="Nothing is training" className="py-8" />
          ) : (
            <ul className="divide-y">
              {jobs.map((job) => (
                <li key={job.id} className="relative px-4 py-2.5 text-13 hover:bg-hover">
                  <div className="flex items-center justify-between gap-3">
                    <Link
                      href={path("training", job.id)}
                      className="min-w-0 truncate font-medium after:absolute after:inset-0"
                    >
                      {job.modelName}
                    </Link>
                    <Status status={job.status} />
                  </div>
                  <div className="mt-1 flex items-center gap-4 text-fg-subtle text-xs">
                    <span className="shrink-0">{algorithmLabel(job.algorithm)}</span>
                    {job.status === "running" ? <JobProgress job={job} /> : job.message}
                  </div>
                </li>
              ))}
            </ul>
          );
        }}
      </QueryView>
    </Card>
  );
}
