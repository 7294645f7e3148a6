"use client";
import { Check } from "lucide-react";
import { useWorkspace } from "@/components/shell/workspace";
import { LinkButton } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { cn } from "@/components/ui/class-names";
import { CodeBlock } from "@/components/ui/code-block";
import type { Permission } from "@/server/access/constants";

interface Step {
  done: boolean;
  title: string;
  text: string;
  action: string;
  href: string;
  permission: Permission;
}

/** From an empty workspace to a prediction. The next step is the loud one. */
export function FirstSteps({
  done,
}: {
  done: { dataset: boolean; training: boolean; deployment: boolean };
}) {
  const { path } = useWorkspace();
  const steps: Step[] = [
    {
      done: done.dataset,
      title: "Upload a dataset",
      text: "A CSV or Parquet file; columns are profiled for you.",
      action: "Upload",
      href: `${path("datasets")}?upload=true`,
      permission: "datasets:write",
    },
    {
      done: done.training,
      title: "Train a model",
      text: "Choose the target column and an algorithm.",
      action: "Start a training",
      href: path("training", "new"),
      permission: "training:write",
    },
    {
      done: done.deployment,
      title: "Deploy a version",
      text: "It gets an address that answers predictions.",
      action: "Choose a version",
      href: path("registry"),
      permission: "deployments:write",
    },
  ];
  const next = steps.findIndex((step) => !step.done);
  return (
    <Card title="First steps" description={`${steps.filter((s) => s.done).length} of 3 done`}>
      <ol className="grid gap-3 md:grid-cols-3">
        {steps.map((step, index) => (
          <StepCard key={step.title} step={step} number={index + 1} next={index === next} />
        ))}
      </ol>
      <div className="mt-4 border-t pt-4">
        <p className="mb-2 text-13 text-fg-muted">
          Or see all of it at once: this uploads a real dataset, trains four models, deploys the
          best and sends it 200 rows.
        </p>
        <CodeBlock label="Demonstration" code="npm run demo" />
      </div>
    </Card>
  );
}

function StepCard({ step, number, next }: { step: Step; number: number; next: boolean }) {
  const { can } = useWorkspace();
  return (
    <li className={cn("flex flex-col rounded-lg border p-3.5", next && "border-accent")}>
      <div className="flex items-center gap-2">
        <span
          aria-hidden
          className={cn(
            "flex size-5 items-center justify-center rounded-full font-semibold text-2xs",
            step.done ? "bg-positive-soft text-positive" : "bg-muted text-fg-muted",
          )}
        >
          {step.done ? <Check className="size-3" strokeWidth={3} /> : number}
        </span>
        <span className="font-semibold text-13">{step.title}</span>
        {step.done && <span className="sr-only">done</span>}
      </div>
      <p className="mt-1 mb-3 flex-1 text-13 text-fg-muted">{step.text}</p>
      {!step.done && can(step.permission) && (
        <LinkButton
          href={step.href}
          size="sm"
          variant={next ? "primary" : "secondary"}
          className="self-start"
        >
          {step.action}
        </LinkButton>
      )}
    </li>
  );
}
