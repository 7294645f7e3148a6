"use client";
import { useQuery } from "@tanstack/react-query";
import { Database } from "lucide-react";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { LinkButton } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { PageHeader } from "@/components/ui/page";
import { EmptyState, ErrorState, PageSkeleton } from "@/components/ui/states";
import { EnvironmentBanner } from "./environment-banner";
import { StartForm } from "./start-form";

/** From a dataset to a queued job. The form follows what the trainers declare. */
export function StartTrainingPage() {
  const trpc = useTRPC();
  const { path } = useWorkspace();
  const algorithms = useQuery({
    ...trpc.training.algorithms.queryOptions(),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const datasets = useQuery(trpc.datasets.list.queryOptions({ limit: 200 }));
  const models = useQuery(trpc.registry.listModels.queryOptions({ limit: 200, sort: "updatedAt" }));
  const error = algorithms.error ?? datasets.error ?? models.error;
  return (
    <>
      <PageHeader
        crumbs={[{ label: "Training", href: path("training") }]}
        title="Start a training"
      />
      <EnvironmentBanner />
      {error ? (
        <ErrorState error={error} onRetry={() => void algorithms.refetch()} />
      ) : !algorithms.data || !datasets.data || !models.data ? (
        <PageSkeleton />
      ) : datasets.data.items.length === 0 ? (
        <Card>
          <EmptyState
            icon={<Database aria-hidden />}
            title="A training needs a dataset"
            action={
              <Allowed permission="datasets:write" explain>
                <LinkButton variant="primary" href={`${path("datasets")}?upload=true`}>
                  Upload a dataset
                </LinkButton>
              </Allowed>
            }
          />
        </Card>
      ) : (
        <StartForm
          catalog={algorithms.data}
          datasets={datasets.data.items}
          models={models.data.items}
        />
      )}
    </>
  );
}
