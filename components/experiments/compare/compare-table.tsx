"use client";
import Link from "next/link";
import { useQueryStates } from "nuqs";
import { useMemo } from "react";
import { compareSearchParams } from "@/app/(workspace)/[workspace]/experiments/search-params";
import { useWorkspace } from "@/components/shell/workspace";
import { Card } from "@/components/ui/card";
import { cn } from "@/components/ui/class-names";
import { formatMetric } from "@/components/ui/format";
import { ScrollRegion } from "@/components/ui/scroll-region";
import { SearchField } from "@/components/ui/search-field";
import { Status } from "@/components/ui/status";
import { Switch } from "@/components/ui/toggles";
import type { Comparison } from "./compare-runs-page";
import { isLogged } from "./is-logged";

interface Line {
  group: "Metrics" | "Parameters" | "Tags";
  key: string;
  values: (string | null)[];
  differs: boolean;
  /** Places of the best value, for metrics. */
  best: ReadonlySet<number>;
}

/** Tags the clients set for themselves say nothing about a model. */
const isOwnTag = (key: string) => !key.startsWith("mlflow.");

function linesOf(data: Comparison): Line[] {
  const none: ReadonlySet<number> = new Set();
  return [
    ...data.metrics.map(
      (metric): Line => ({
        group: "Metrics",
        key: metric.key,
        values: metric.last.map((value, at) =>
          value !== null ? formatMetric(value) : isLogged(metric, at) ? "NaN" : null,
        ),
        differs: metric.differs,
        best: metric.key.startsWith("system/") ? none : bestOf(metric.last, metric.goal),
      }),
    ),
    ...data.params.map((row): Line => ({ group: "Parameters", ...row, best: none })),
    ...data.tags
      .filter(({ key }) => isOwnTag(key))
      .map((row): Line => ({ group: "Tags", ...row, best: none })),
  ];
}

function bestOf(values: (number | null)[], goal: "minimize" | "maximize"): ReadonlySet<number> {
  const numbers = values.filter(
    (value): value is number => value !== null && Math.abs(value) < Number.MAX_VALUE,
  );
  if (new Set(numbers).size < 2) return new Set();
  const best = numbers.reduce((a, b) => (goal === "minimize" ? Math.min(a, b) : Math.max(a, b)));
  return new Set(values.flatMap((value, at) => (value === best ? [at] : [])));
}

/** Metrics, parameters and tags of the runs, one column a run; by default only what differs. */
export function CompareTable({ data }: { data: Comparison }) {
  const { path } = useWorkspace();
  const [{ all, find }, setParams] = useQueryStates(compareSearchParams);
  const lines = useMemo(() => linesOf(data), [data]);
  const wanted = find.trim().toLowerCase();
  const shown = lines.filter(
    (line) => (all || line.differs) && line.key.toLowerCase().includes(wanted),
  );
  return (
    <Card
      title={all ? "Everything" : "Differences"}
      flush
      actions={
        <>
          <SearchField
            label="Find a line"
            value={find}
            onChange={(next) => void setParams({ find: next })}
          />
          <Switch
            label="Differences only"
            checked={!all}
            onChange={(on) => void setParams({ all: !on })}
          />
        </>
      }
    >
      <ScrollRegion label="Runs side by side" className="max-h-[70vh] overflow-auto">
        <table className="text-13">
          <thead className="sticky top-0 z-20 bg-surface">
            <tr className="text-xs">
              <th
                scope="col"
                className="sticky left-0 z-10 min-w-56 border-b bg-surface px-4 py-2 text-left font-medium text-fg-subtle"
              >
                Name
              </th>
              {data.runs.map((run) => (
                <th key={run.id} scope="col" className="min-w-36 border-b px-4 py-2 text-left">
                  <Link
                    href={path("experiments", "runs", run.id)}
                    className="block max-w-44 truncate hover:underline"
                  >
                    {run.name}
                  </Link>
                  <Status status={run.status} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((line, at) => (
              <LineRow
                key={`${line.group} ${line.key}`}
                line={line}
                runs={data.runs}
                heading={shown[at - 1]?.group === line.group ? null : line.group}
              />
            ))}
          </tbody>
        </table>
        {shown.length === 0 && (
          <p className="p-4 text-13 text-fg-muted">
            {wanted ? "No line has that name." : "The runs do not differ in what they logged."}
          </p>
        )}
      </ScrollRegion>
    </Card>
  );
}

function LineRow({
  line,
  runs,
  heading,
}: {
  line: Line;
  runs: Comparison["runs"];
  heading: string | null;
}) {
  return (
    <>
      {heading && (
        <tr>
          <th
            colSpan={runs.length + 1}
            scope="colgroup"
            className="bg-muted px-4 py-1 text-left font-medium text-2xs text-fg-subtle"
          >
            <span className="sticky left-4">{heading}</span>
          </th>
        </tr>
      )}
      <tr className="border-b">
        <th
          scope="row"
          className="sticky left-0 z-10 max-w-72 truncate bg-surface px-4 py-1.5 text-left font-mono font-normal text-xs"
          title={line.key}
        >
          {line.key}
        </th>
        {line.values.map((value, at) => (
          <td
            key={runs[at]?.id}
            className={cn(
              "max-w-56 truncate px-4 py-1.5",
              line.group === "Metrics" && "tabular-nums",
              line.best.has(at) && "font-semibold text-positive",
            )}
            title={value ?? undefined}
          >
            {value ?? <span className="text-fg-subtle">–</span>}
            {line.best.has(at) && <span className="sr-only"> (best)</span>}
          </td>
        ))}
      </tr>
    </>
  );
}
