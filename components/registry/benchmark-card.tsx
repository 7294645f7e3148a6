"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Trophy } from "lucide-react";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { toastFailure } from "@/components/ui/failure";
import { formatCount, formatMetric, formatMs } from "@/components/ui/format";
import { Progress } from "@/components/ui/progress";
import { ScrollRegion } from "@/components/ui/scroll-region";
import { Status } from "@/components/ui/status";
import { TextLink } from "@/components/ui/text-link";
import { RelativeTime } from "@/components/ui/time";
import { isOver } from "@/server/registry/benchmarks/constants";
import { bestVersions } from "./best-versions";

type Benchmark = Outputs["registry"]["listBenchmarks"]["items"][number];
type Result = Benchmark["results"][number];

/** One benchmark: a row a version, a column a metric, the best of each marked. */
export function BenchmarkCard({ benchmark }: { benchmark: Benchmark }) {
  const { path } = useWorkspace();
  return (
    <Card
      title={
        <>
          On {benchmark.datasetName} v{benchmark.datasetVersion}
        </>
      }
      description={
        <>
          predicting {benchmark.target}, up to {formatCount(benchmark.rowsMax)} rows, by{" "}
          {benchmark.createdBy ?? "Modelyard"} <RelativeTime at={benchmark.createdAt} />
        </>
      }
      actions={
        <>
          <TextLink href={path("datasets", benchmark.datasetId)}>Dataset</TextLink>
          <Status status={benchmark.status} />
          {!isOver(benchmark.status) && <Cancel id={benchmark.id} />}
        </>
      }
      flush
    >
      {!isOver(benchmark.status) && (
        <div className="px-4 pt-3">
          <Progress value={benchmark.progress} label="Benchmark" />
        </div>
      )}
      {benchmark.error && (
        <p role="alert" className="px-4 py-3 text-13 text-danger">
          {benchmark.error}
        </p>
      )}
      <Results benchmark={benchmark} />
    </Card>
  );
}

function Results({ benchmark }: { benchmark: Benchmark }) {
  const names = Object.keys(benchmark.definitions).filter((name) =>
    benchmark.results.some((result) => name in result.metrics),
  );
  const best = bestVersions(benchmark);
  return (
    <ScrollRegion label="Results" className="relative overflow-x-auto">
      <table className="w-full text-13">
        <thead>
          <tr className="border-b text-fg-subtle text-xs">
            <th scope="col" className="h-9 px-4 text-left font-medium">
              Version
            </th>
            {names.map((name) => (
              <th key={name} scope="col" className="px-4 text-right font-medium">
                <span title={benchmark.definitions[name]?.definition}>{name}</span>
              </th>
            ))}
            <th scope="col" className="px-4 text-right font-medium">
              Rows
            </th>
            <th scope="col" className="px-4 text-right font-medium">
              Time
            </th>
          </tr>
        </thead>
        <tbody>
          {benchmark.results.map((result) => (
            <ResultRow
              key={result.versionId}
              model={benchmark.modelId}
              result={result}
              names={names}
              best={best}
            />
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function ResultRow({
  model,
  result,
  names,
  best,
}: {
  model: string;
  result: Result;
  names: string[];
  best: Map<string, Set<string>>;
}) {
  const { path } = useWorkspace();
  return (
    <tr className="border-b last:border-b-0">
      <th scope="row" className="whitespace-nowrap px-4 py-1.5 text-left font-medium">
        <TextLink href={path("registry", model, "versions", result.versionNumber)}>
          v{result.versionNumber}
        </TextLink>
        {result.status !== "completed" && (
          <span className="ml-2 font-normal text-fg-subtle text-xs">
            {result.error ?? result.status}
          </span>
        )}
      </th>
      {names.map((name) => {
        const isBest = best.get(name)?.has(result.versionId) ?? false;
        return (
          <td key={name} className="whitespace-nowrap px-4 py-1.5 text-right">
            <span className={isBest ? "font-semibold" : undefined}>
              {isBest && (
                <>
                  <Trophy aria-hidden className="mr-1 inline size-3 text-warning" />
                  <span className="sr-only">best: </span>
                </>
              )}
              {formatMetric(result.metrics[name])}
            </span>
          </td>
        );
      })}
      <td className="px-4 py-1.5 text-right text-fg-muted">{formatCount(result.rows)}</td>
      <td className="px-4 py-1.5 text-right text-fg-muted">{formatMs(result.durationMs)}</td>
    </tr>
  );
}

function Cancel({ id }: { id: string }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const cancel = useMutation(
    trpc.registry.cancelBenchmark.mutationOptions({
      onError: toastFailure,
      onSuccess: () =>
        queryClient.invalidateQueries({ queryKey: trpc.registry.listBenchmarks.pathKey() }),
    }),
  );
  if (!useWorkspace().can("models:write")) return null;
  return (
    <Button size="sm" loading={cancel.isPending} onClick={() => cancel.mutate({ benchmark: id })}>
      Cancel
    </Button>
  );
}
