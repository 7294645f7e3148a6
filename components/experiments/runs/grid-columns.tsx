import { Crosshair } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/components/ui/class-names";
import { formatMetric, loggedText } from "@/components/ui/format";
import type { GridColumn } from "@/components/ui/grid/types";
import { Status } from "@/components/ui/status";
import { Elapsed, RelativeTime } from "@/components/ui/time";
import { metricDirection } from "@/server/experiments/metric-direction";
import {
  type AttributeKey,
  columnField,
  columnName,
  columnWidth,
  type RunColumn,
} from "./run-columns";
import type { RunRow } from "./use-run-rows";

/** The value a run has in a metric's column; undefined when it logged none. */
export const metricOf = (run: RunRow, column: Extract<RunColumn, { kind: "metric" }>) =>
  run.metrics.find(({ key, aggregate }) => key === column.key && aggregate === column.aggregate);

/** One column of the runs table as the grid draws it. */
export function gridColumn(
  id: string,
  column: RunColumn,
  {
    width,
    isNarrow,
    pinned,
    control,
    baseline,
  }: {
    width: number | undefined;
    isNarrow: boolean;
    pinned: boolean;
    control: ReactNode;
    /** The run others are compared with. */
    baseline: RunRow | undefined;
  },
): GridColumn<RunRow> {
  const isTitle = column.kind === "attribute" && column.key === "name";
  const right =
    column.kind === "metric" || (column.kind === "attribute" && column.key === "duration");
  return {
    id,
    name: columnName(column),
    header: <Header column={column} />,
    width: width ?? columnWidth(column, isNarrow),
    pinned: pinned || isTitle,
    sortable: columnField(column) !== null,
    title: isTitle,
    control,
    ...(right && { align: "right" as const }),
    cell: (run) => <Cell run={run} column={column} baseline={baseline} />,
  };
}

function Header({ column }: { column: RunColumn }) {
  if (column.kind === "metric") {
    return (
      <>
        {column.aggregate !== "last" && (
          <span className="mr-1 rounded bg-muted px-1 text-2xs">{column.aggregate}</span>
        )}
        {column.key}
      </>
    );
  }
  return column.kind === "attribute" ? (
    columnName(column)
  ) : (
    <span className="font-mono">{column.key}</span>
  );
}

function Cell({
  run,
  column,
  baseline,
}: {
  run: RunRow;
  column: RunColumn;
  baseline: RunRow | undefined;
}) {
  if (column.kind === "attribute") {
    return attributeCell(run, column.key, baseline?.id === run.id);
  }
  if (column.kind === "metric") return <MetricCell {...{ run, column, baseline }} />;
  const list = (one: RunRow) => (column.kind === "param" ? one.params : one.tags);
  const value = list(run).find(({ key }) => key === column.key)?.value;
  const base = baseline && list(baseline).find(({ key }) => key === column.key)?.value;
  const differs = baseline && baseline.id !== run.id && base !== value;
  return (
    <span title={value} className={cn(differs && "font-medium text-accent-text")}>
      {value ?? <span className="text-fg-subtle">–</span>}
    </span>
  );
}

function attributeCell(run: RunRow, key: AttributeKey, isBaseline: boolean): ReactNode {
  if (key === "name") {
    return isBaseline ? (
      <>
        <Crosshair
          role="img"
          aria-label="Baseline"
          className="mr-1.5 inline size-3.5 text-accent-text"
        />
        {run.name}
      </>
    ) : (
      run.name
    );
  }
  if (key === "status") return <Status status={run.status} />;
  if (key === "startTime") return <RelativeTime at={run.startTime} />;
  if (key === "duration") return <Elapsed from={run.startTime} to={run.endTime} />;
  return key === "user" ? run.userName : run.experimentName;
}

function MetricCell({
  run,
  column,
  baseline,
}: {
  run: RunRow;
  column: Extract<RunColumn, { kind: "metric" }>;
  baseline: RunRow | undefined;
}) {
  const own = metricOf(run, column);
  if (!own) return <span className="text-fg-subtle">–</span>;
  const base = baseline && baseline.id !== run.id ? metricOf(baseline, column)?.value : undefined;
  const title = own.step === null ? undefined : `step ${own.step}`;
  if (typeof base !== "number" || own.value === null) {
    return <span title={title}>{loggedText(own.value)}</span>;
  }
  const change = own.value - base;
  const better = metricDirection(column.key) === "minimize" ? change < 0 : change > 0;
  return (
    <span title={title}>
      {formatMetric(own.value)}
      <span
        className={cn(
          "ml-1.5 text-2xs",
          change === 0 ? "text-fg-subtle" : better ? "text-positive" : "text-danger",
        )}
      >
        {change > 0 ? "+" : change < 0 ? "−" : "±"}
        {formatMetric(Math.abs(change))}
      </span>
    </span>
  );
}
