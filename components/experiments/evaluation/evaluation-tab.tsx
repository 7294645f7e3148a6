"use client";
import { useQuery } from "@tanstack/react-query";
import { Target } from "lucide-react";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { EmptyState, ErrorState, Skeleton } from "@/components/ui/states";
import { parseSeparated, tableOfJson } from "../artifacts/preview-kind";
import { Classification } from "./classification";
import { type Evaluation, evaluation } from "./evaluation";
import { evaluatePredictions } from "./from-predictions";
import { Residuals } from "./residuals";

const CURVES = "evaluation/curves.json";
/** Tables of predictions, the first one found counts. */
const PREDICTIONS = ["predictions.json", "predictions.csv", "eval_results_table.json"];
/** A table larger than this is not drawn in the browser, bytes. */
const TABLE_MAX = 20 * 1024 * 1024;

/** How the model did on rows it never saw. */
export function EvaluationTab({ runId }: { runId: string }) {
  const query = useEvaluation(runId);
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (query.isPending) return <Skeleton className="h-64" />;
  if (!query.data) {
    return (
      <EmptyState icon={<Target aria-hidden />} title="No predictions logged">
        Trainings of Modelyard draw confusion matrix, ROC and residuals here. Your own runs do, too,
        when they log a table predictions.json or predictions.csv with the columns truth, prediction
        and, for two classes, score: mlflow.log_table(data, "predictions.json").
      </EmptyState>
    );
  }
  if ("residuals" in query.data) return <Residuals data={query.data} />;
  return <Classification data={query.data} />;
}

function useEvaluation(runId: string) {
  const trpc = useTRPC();
  const { slug } = useWorkspace();
  const root = useQuery(trpc.experiments.listArtifacts.queryOptions({ runId }));
  const items = root.data?.items ?? [];
  const table = items.find((item) => PREDICTIONS.includes(item.path));
  const hasCurves = items.some((item) => item.isDirectory && item.path === "evaluation");
  const path = hasCurves
    ? CURVES
    : table && (table.sizeBytes ?? 0) <= TABLE_MAX
      ? table.path
      : null;
  const loaded = useQuery({
    queryKey: ["evaluation", slug, runId, path],
    queryFn: () => (path === null ? null : loadEvaluation(runId, slug, path)),
    enabled: root.data !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return root.error ? { ...loaded, error: root.error } : loaded;
}

async function loadEvaluation(
  runId: string,
  slug: string,
  path: string,
): Promise<Evaluation | null> {
  const answer = await fetch(
    `/api/v1/runs/${runId}/artifacts/${path}?workspace=${encodeURIComponent(slug)}`,
  );
  if (answer.status === 404) return null;
  if (!answer.ok) throw await answer.json();
  const text = await answer.text();
  if (path === CURVES) return evaluation.safeParse(JSON.parse(text)).data ?? null;
  const table = path.endsWith(".csv") ? parseSeparated(text, ",") : tableOfJson(JSON.parse(text));
  return (table && evaluatePredictions(table)) ?? null;
}
