"use client";
import { Rows3 } from "lucide-react";
import { useWorkspace } from "@/components/shell/workspace";
import { LinkButton } from "@/components/ui/button";
import { PageHeader } from "@/components/ui/page";
import { PredictionLog } from "./prediction-log";

/** Every request the workspace's deployments answered. */
export function PredictionsPage() {
  const { path } = useWorkspace();
  return (
    <>
      <PageHeader
        title="Predictions"
        description="What was asked, what was answered, how long it took and what came of it."
        actions={
          <LinkButton href={path("predictions", "batch-jobs")}>
            <Rows3 aria-hidden className="size-3.5" />
            Batch jobs
          </LinkButton>
        }
      />
      <PredictionLog />
    </>
  );
}
