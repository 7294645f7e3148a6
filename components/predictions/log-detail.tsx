"use client";
import { useQuery } from "@tanstack/react-query";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import type { PredictionEntry } from "@/components/trpc/outputs";
import { Facts } from "@/components/ui/card";
import { CodeBlock } from "@/components/ui/code-block";
import { formatCount, formatMetric, formatPercent } from "@/components/ui/format";
import { QueryView, Skeleton } from "@/components/ui/states";
import { TextLink } from "@/components/ui/text-link";
import { LatencySplit } from "./latency-split";
import { OutcomeForm } from "./outcome-form";
import { repeatedCall } from "./snippet-text";

/** One request opened: what went in and out, where the time went, what came of it. */
export function LogDetail({ entry }: { entry: PredictionEntry }) {
  const trpc = useTRPC();
  const isShort = Array.isArray(entry.inputs) && entry.inputs.length < entry.rows;
  const whole = useQuery({
    ...trpc.predictions.get.queryOptions({ requestId: entry.requestId }),
    enabled: isShort,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <div className="space-y-4 border-t bg-bg px-4 py-4">
      <LatencySplit entry={entry} />
      {isShort ? (
        <QueryView query={whole} skeleton={<Skeleton className="h-40" />}>
          {(data) => <Payload entry={data} />}
        </QueryView>
      ) : (
        <Payload entry={entry} />
      )}
      <Facts items={factsOf(entry)} />
    </div>
  );
}

const json = (value: unknown) => JSON.stringify(value, null, 2);

function Payload({ entry }: { entry: PredictionEntry }) {
  const url = `${window.location.origin}/api/v1/deployments/${entry.deploymentId}/predict`;
  return (
    <div className="grid gap-3 md:grid-cols-2">
      <Part title="Features">
        {entry.inputs ? (
          <CodeBlock label="Features" code={json(entry.inputs)} />
        ) : (
          <Absent>Features of refused requests and where the payload is off are not kept.</Absent>
        )}
      </Part>
      <Part title={entry.error ? "Error" : "Answer"}>
        {entry.error ? (
          <p className="break-words rounded-lg bg-danger-soft p-3 text-danger">{entry.error}</p>
        ) : entry.outputs ? (
          <CodeBlock label="Answer" code={json(entry.outputs)} />
        ) : (
          <Absent>Not kept.</Absent>
        )}
      </Part>
      <Part title="What came of it">
        <div className="space-y-3">
          {entry.outcome ? (
            <CodeBlock label="Outcome" code={json(entry.outcome)} />
          ) : (
            <Absent>Nobody told yet.</Absent>
          )}
          <Allowed permission="predictions:create">
            <OutcomeForm entry={entry} />
          </Allowed>
        </div>
      </Part>
      {Array.isArray(entry.inputs) && (
        <Part title="Ask again">
          <div className="space-y-3">
            <CodeBlock label="This request in curl" code={repeatedCall(url, entry.inputs)} />
            {entry.deploymentName !== null && <ReplayLink entry={entry} />}
          </div>
        </Part>
      )}
    </div>
  );
}

/** Several rows are asked again as JSON, one in the form. */
function ReplayLink({ entry }: { entry: PredictionEntry }) {
  const { path } = useWorkspace();
  const query = new URLSearchParams({
    tab: "playground",
    as: entry.rows > 1 ? "json" : "form",
    replay: entry.requestId,
  });
  return (
    <TextLink href={`${path("deployments", entry.deploymentId)}?${query}`}>
      Open in the playground
    </TextLink>
  );
}

const Part = ({ title, children }: { title: string; children: React.ReactNode }) => (
  <section className="min-w-0">
    <h3 className="mb-1.5 font-medium text-fg-muted text-xs">{title}</h3>
    {children}
  </section>
);

const Absent = ({ children }: { children: React.ReactNode }) => (
  <p className="break-words rounded-lg border border-dashed p-3 text-fg-subtle text-xs">
    {children}
  </p>
);

const code = (text: string) => (
  <code className="select-all break-all font-mono text-2xs">{text}</code>
);

function variantText({ variantName, isPinned }: PredictionEntry): string {
  if (variantName === null) return "none was chosen";
  return isPinned ? `${variantName}, chosen by the caller` : variantName;
}

interface Interval {
  low: number;
  high: number;
  level: number;
}

/** A class has a probability, a number the interval it was asked for; of several rows the first. */
function surenessOf({ confidence, outputs, rows }: PredictionEntry) {
  if (confidence !== null) {
    const name = rows > 1 ? "Least probability of a predicted class" : "Probability of the class";
    return { name, value: formatPercent(confidence) };
  }
  const [interval] =
    (outputs as { predictionIntervals?: Interval[] } | null)?.predictionIntervals ?? [];
  if (!interval) return null;
  const { low, high, level } = interval;
  const name = `Interval at ${formatPercent(level, 0)}${rows > 1 ? ", first row" : ""}`;
  return { name, value: `${formatMetric(low)} to ${formatMetric(high)}` };
}

function factsOf(entry: PredictionEntry) {
  const facts = [
    { name: "Request id", value: code(entry.requestId) },
    { name: "Answered", value: new Date(entry.at).toLocaleString() },
    { name: "Variant", value: variantText(entry) },
    { name: "Rows", value: formatCount(entry.rows) },
  ];
  if (entry.unit) facts.push({ name: "Unit", value: code(entry.unit) });
  const sure = surenessOf(entry);
  if (sure) facts.push(sure);
  if (entry.batchRows) {
    facts.push({ name: "Rows in the model's batch", value: formatCount(entry.batchRows) });
  }
  if (entry.outcomeAt) {
    facts.push({ name: "Outcome of", value: new Date(entry.outcomeAt).toLocaleString() });
  }
  if (entry.traceId) facts.push({ name: "Trace id", value: code(entry.traceId) });
  return facts;
}
