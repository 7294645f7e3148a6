"use client";
import { PageHeader } from "@/components/ui/page";
import { PredictionLog } from "./prediction-log";

/** Every request the workspace's deployments answered. */
export function PredictionsPage() {
  return (
    <>
      <PageHeader
        title="Predictions"
        description="What was asked, what was answered, how long it took and what came of it."
      />
      <PredictionLog />
    </>
  );
}
