"use client";
import { useQueryStates } from "nuqs";
import { evaluationSearchParams } from "@/app/(workspace)/[workspace]/experiments/search-params";
import { ConfusionMatrix } from "./confusion-matrix";
import { atThreshold, type Classified, supportOf } from "./evaluation";
import { ThresholdCard } from "./threshold-card";
import { ThresholdCurves } from "./threshold-curves";

/** How a classifier did: which classes it confuses, and what a threshold on the scores of one does. */
export function Classification({ data }: { data: Classified }) {
  const [params, setParams] = useQueryStates(evaluationSearchParams);
  const roc = data.roc.find((curve) => curve.class === params.class) ?? data.roc[0];
  if (!roc) return <ConfusionMatrix data={data} />;
  const support = supportOf(data.confusionMatrix);
  const positives = support[data.classes.indexOf(roc.class)] ?? 0;
  const negatives = support.reduce((a, b) => a + b, 0) - positives;
  const threshold = Math.min(1, Math.max(0, params.threshold));
  const now = atThreshold(roc, threshold, positives, negatives);
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <div className="min-w-0 space-y-4">
        <ConfusionMatrix data={data} />
        <ThresholdCard
          classes={data.roc.map((curve) => curve.class)}
          chosen={roc.class}
          onChoose={(name) => void setParams({ class: name })}
          threshold={threshold}
          onThreshold={(next) => void setParams({ threshold: next })}
          now={now}
        />
      </div>
      <ThresholdCurves data={data} now={now} />
    </div>
  );
}
