"use client";
import { Sparkles } from "lucide-react";
import { ShareBars } from "@/components/charts/draw/share-bars";
import { Card, Facts } from "@/components/ui/card";
import { CodeBlock } from "@/components/ui/code-block";
import type { Failure } from "@/components/ui/failure";
import { formatMetric, formatMs, formatPercent } from "@/components/ui/format";
import { EmptyState, Skeleton } from "@/components/ui/states";
import { FeatureImportance } from "./feature-importance";
import type { Answer } from "./use-predict";

/** Classes shown of a distribution. */
const SHOWN = 10;

/** What the endpoint answered. */
export function PredictionResult({
  answer,
  failure,
  pending,
  target,
}: {
  answer: Answer | null;
  failure: Failure | null;
  pending: boolean;
  target: string;
}) {
  return (
    <Card title="Answer" className="lg:sticky lg:top-4">
      <div aria-live="polite" aria-busy={pending}>
        {failure && !pending ? (
          <div className="rounded-lg bg-danger-soft p-3 text-13 text-danger">
            <p className="font-semibold">{failure.title}</p>
            <p className="break-words">{failure.detail}</p>
            {failure.requestId && (
              <p className="mt-1 text-xs">
                Request id <code className="select-all font-mono">{failure.requestId}</code>
              </p>
            )}
          </div>
        ) : answer ? (
          <AnswerBody answer={answer} target={target} />
        ) : pending ? (
          <Skeleton className="h-40" />
        ) : (
          <EmptyState icon={<Sparkles aria-hidden />} title="No answer yet" className="py-8">
            The form holds an example. Press Predict.
          </EmptyState>
        )}
      </div>
    </Card>
  );
}

function AnswerBody({
  answer: { reply, row, roundTripMs },
  target,
}: {
  answer: Answer;
  target: string;
}) {
  const many = reply.predictions.length > 1;
  const [importance] = reply.featureImportance ?? [];
  return (
    <div className="space-y-4">
      {many ? (
        <CodeBlock label="Answer" code={JSON.stringify(reply, null, 2)} />
      ) : (
        <OneAnswer reply={reply} target={target} />
      )}
      {importance && !many && <FeatureImportance importance={importance} row={row} />}
      <Facts
        items={[
          { name: "Answered by", value: `version ${reply.modelVersion}` },
          { name: "Latency in the server", value: formatMs(reply.latencyMs) },
          { name: "Round trip", value: formatMs(roundTripMs) },
          {
            name: "Request id",
            value: <code className="select-all font-mono text-2xs">{reply.requestId}</code>,
          },
        ]}
      />
    </div>
  );
}

function OneAnswer({ reply, target }: { reply: Answer["reply"]; target: string }) {
  const value = reply.predictions[0] ?? null;
  const [interval] = reply.predictionIntervals ?? [];
  const shares = Object.entries(reply.probabilities?.[0] ?? {})
    .map(([label, share]) => ({ label, share: share ?? 0 }))
    .sort((a, b) => b.share - a.share);
  return (
    <>
      <div>
        <div className="text-fg-subtle text-xs">{target}</div>
        <div className="break-words font-semibold text-2xl tabular-nums tracking-tight">
          {typeof value === "number" && shares.length === 0 ? formatMetric(value) : String(value)}
        </div>
        {interval && (
          <p className="text-fg-muted text-xs tabular-nums">
            {formatMetric(interval.low)} to {formatMetric(interval.high)} holds the truth in{" "}
            {formatPercent(interval.level, 0)} of rows like those held out from training.
          </p>
        )}
      </div>
      {shares.length > 0 && (
        <ShareBars
          label="Probability of each class"
          shares={shares.slice(0, SHOWN).map((item) => ({
            ...item,
            text: formatPercent(item.share, item.share > 0.001 && item.share < 0.999 ? 1 : 3),
            strong: item.label === String(value),
          }))}
        />
      )}
      {shares.length > SHOWN && (
        <p className="text-fg-subtle text-xs">
          {SHOWN} of {shares.length} classes.
        </p>
      )}
    </>
  );
}
