"use client";
import { ChartLine } from "lucide-react";
import { useWorkspace } from "@/components/shell/workspace";
import { Button, LinkButton } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { EmptyState } from "@/components/ui/states";

/** Why the table is empty and what to do about it. */
export function NoRuns({
  filtered,
  archived,
  onClear,
}: {
  filtered: boolean;
  archived: boolean;
  onClear: () => void;
}) {
  const { path } = useWorkspace();
  const icon = <ChartLine aria-hidden />;
  if (filtered) {
    return (
      <EmptyState
        icon={icon}
        title="No run matches"
        action={<Button onClick={onClear}>Clear the filter</Button>}
      >
        The filter lets no run of this experiment through.
      </EmptyState>
    );
  }
  if (archived) {
    return (
      <EmptyState icon={icon} title="Nothing archived">
        Archived runs wait here until somebody restores them or deletes them for good.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={icon}
      title="No runs yet"
      action={<LinkButton href={path("training", "new")}>Start a training</LinkButton>}
    >
      Every training logs a run by itself. Your own programs log with the MLflow client:
      <CodeBlock
        className="mt-3"
        label="MLflow settings"
        code={`export MLFLOW_TRACKING_URI=${window.location.origin}\nexport MLFLOW_TRACKING_TOKEN=<an API key>`}
      />
    </EmptyState>
  );
}
