"use client";
import { useQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import Link from "next/link";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Card } from "@/components/ui/card";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { RelativeTime } from "@/components/ui/time";

const SHOWN = 6;

/** Trainings and roll-outs that failed, newest first. */
export function FailedList() {
  const trpc = useTRPC();
  const { path } = useWorkspace();
  const input = { status: "failed" as const, limit: SHOWN };
  const jobs = useQuery(trpc.training.list.queryOptions(input));
  const deployments = useQuery(trpc.deployments.list.queryOptions(input));
  return (
    <Card title="Failed" flush>
      <QueryView query={jobs} skeleton={<TableSkeleton rows={2} />}>
        {(data) => {
          const items = [
            ...data.items.map((job) => ({
              id: job.id,
              what: `Training of ${job.modelName}`,
              href: path("training", job.id),
              error: job.error,
              at: job.finishedAt ?? job.createdAt,
            })),
            ...(deployments.data?.items ?? []).map((deployment) => ({
              id: deployment.id,
              what: `Deployment ${deployment.name}`,
              href: path("deployments", deployment.id),
              error: deployment.error,
              at: deployment.updatedAt,
            })),
          ]
            .sort((a, b) => b.at.localeCompare(a.at))
            .slice(0, SHOWN);
          if (items.length === 0) {
            return (
              <EmptyState
                icon={<CircleCheck aria-hidden />}
                title="Nothing failed"
                className="py-8"
              />
            );
          }
          return (
            <ul className="divide-y">
              {items.map((item) => (
                <li key={item.id} className="relative px-4 py-2.5 text-13 hover:bg-hover">
                  <div className="flex items-center justify-between gap-3">
                    <Link
                      href={item.href}
                      className="min-w-0 truncate font-medium after:absolute after:inset-0"
                    >
                      {item.what}
                    </Link>
                    <Status status="failed" />
                  </div>
                  <div className="mt-1 flex items-baseline justify-between gap-4 text-fg-subtle text-xs">
                    <span className="min-w-0 truncate">{item.error}</span>
                    <RelativeTime at={item.at} />
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
