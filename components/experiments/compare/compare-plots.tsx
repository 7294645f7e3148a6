"use client";
import { useQueryStates } from "nuqs";
import { useMemo } from "react";
import { compareSearchParams } from "@/app/(workspace)/[workspace]/experiments/search-params";
import { ChartFrame } from "@/components/charts/chart-frame";
import { linesKept, ParallelCoordinates } from "@/components/charts/draw/parallel-coordinates";
import { ScatterChart } from "@/components/charts/draw/scatter-chart";
import { readRanges, writeRanges } from "@/components/charts/prepare/axis-range";
import type { Cell } from "@/components/charts/prepare/scale-axis";
import { Button } from "@/components/ui/button";
import { formatTick } from "@/components/ui/format";
import { ComboboxField } from "@/components/ui/select";
import { EmptyState } from "@/components/ui/states";
import type { Comparison } from "./compare-runs-page";

interface Dimension {
  id: string;
  label: string;
  values: Cell[];
  differs: boolean;
}

interface AxisOption {
  value: string;
  label: string;
  detail: string;
}

/** Axes drawn when nobody chose some. */
const AXES_SHOWN = 8;
const AXES_MAX = 14;

/** A metric of the model, not of the machine it was trained on. */
const isModelMetric = ({ id }: Dimension) => id.startsWith("m:") && !id.startsWith("m:system/");

/** What most runs have, before what a few of another kind do. */
const fullestFirst = (dimensions: Dimension[]): Dimension[] =>
  dimensions.toSorted((a, b) => filledOf(b) - filledOf(a));

const filledOf = ({ values }: Dimension): number =>
  values.filter((value) => value !== null && value !== "").length;

function dimensionsOf(data: Comparison): Dimension[] {
  return [
    ...data.params.map((row) => ({
      id: `p:${row.key}`,
      label: row.key,
      values: row.values,
      differs: row.differs,
    })),
    ...data.metrics.map((metric) => ({
      id: `m:${metric.key}`,
      label: metric.key,
      values: metric.last,
      differs: metric.differs,
    })),
  ];
}

/** How parameters and metrics of the runs play together. */
export function ComparePlots({ data }: { data: Comparison }) {
  const [params, setParams] = useQueryStates(compareSearchParams);
  const all = useMemo(() => dimensionsOf(data), [data]);
  const differing = all.filter((one) => one.differs);
  if (differing.length === 0) {
    return <EmptyState title="The runs do not differ in parameters or metrics" />;
  }
  const byId = new Map(all.map((one) => [one.id, one]));
  const axes = params.axes
    ? params.axes.flatMap((id) => byId.get(id) ?? [])
    : [
        ...fullestFirst(differing.filter(({ id }) => id.startsWith("p:"))).slice(0, AXES_SHOWN - 2),
        ...fullestFirst(differing.filter(isModelMetric)).slice(0, 2),
      ];
  const x = byId.get(params.x ?? "") ?? axes[0];
  const y = byId.get(params.y ?? "") ?? axes.at(-1);
  const options = all.map(({ id, label }) => ({
    value: id,
    label,
    detail: id.startsWith("m:") ? "metric" : "parameter",
  }));
  return (
    <div className="grid gap-4">
      <Parallel data={data} axes={axes} all={byId} options={options} />
      {x && y && (
        <ChartFrame
          title={`${y.label} against ${x.label}`}
          summary={`${data.runs.length} runs`}
          table={() => tableOf(data, [x, y])}
        >
          <div className="mb-2 grid max-w-xl gap-3 sm:grid-cols-2">
            <ComboboxField
              label="Across"
              value={x.id}
              options={options}
              onChange={(next) => void setParams({ x: next })}
            />
            <ComboboxField
              label="Up"
              value={y.id}
              options={options}
              onChange={(next) => void setParams({ y: next })}
            />
          </div>
          <ScatterChart
            xLabel={x.label}
            yLabel={y.label}
            format={formatTick}
            points={data.runs.map((run, at) => ({
              id: run.id,
              label: run.name,
              x: x.values[at] ?? null,
              y: y.values[at] ?? null,
            }))}
          />
        </ChartFrame>
      )}
    </div>
  );
}

/** The runs over chosen axes, and which of them are kept; both are in the address. */
function Parallel({
  data,
  axes,
  all,
  options,
}: {
  data: Comparison;
  axes: Dimension[];
  all: Map<string, Dimension>;
  options: AxisOption[];
}) {
  const [{ keep }, setParams] = useQueryStates(compareSearchParams);
  const ranges = useMemo(() => readRanges(keep), [keep]);
  const lines = data.runs.map((run, at) => ({
    id: run.id,
    label: run.name,
    values: axes.map((axis) => axis.values[at] ?? null),
  }));
  const kept = linesKept(axes, lines, ranges);
  return (
    <ChartFrame
      title="Parallel coordinates"
      summary={`${kept.length} of ${lines.length} runs over ${axes.map(({ label }) => label).join(", ")}`}
      table={() => ({
        columns: ["Run", ...axes.map(({ label }) => label)],
        rows: kept.map(({ label, values }) => [label, ...values]),
      })}
    >
      <AxisChips
        axes={axes}
        options={options}
        onAxes={(next) => void setParams({ axes: next.map(({ id }) => id) })}
        all={all}
      />
      <ParallelCoordinates
        axes={axes}
        format={formatTick}
        lines={lines}
        kept={kept}
        ranges={ranges}
        onRanges={(next) => void setParams({ keep: writeRanges(next) })}
        actions={
          kept.length >= 2 && (
            <Button
              onClick={() =>
                void setParams({ runs: kept.map(({ id }) => id), keep: [] }, { history: "push" })
              }
            >
              Compare only these
            </Button>
          )
        }
      />
    </ChartFrame>
  );
}

const tableOf = (data: Comparison, dimensions: Dimension[]) => ({
  columns: ["Run", ...dimensions.map(({ label }) => label)],
  rows: data.runs.map((run, at) => [run.name, ...dimensions.map((one) => one.values[at] ?? null)]),
});

/** The axes in their order; each can be taken out, others put in at the end. */
function AxisChips({
  axes,
  options,
  all,
  onAxes,
}: {
  axes: Dimension[];
  options: AxisOption[];
  all: Map<string, Dimension>;
  onAxes: (axes: Dimension[]) => void;
}) {
  return (
    <div className="mb-3 flex flex-wrap items-center gap-1.5">
      {axes.map((axis) => (
        <button
          key={axis.id}
          type="button"
          onClick={() => onAxes(axes.filter((other) => other !== axis))}
          className="inline-flex h-6 max-w-full items-center gap-1 rounded border px-1.5 text-xs hover:bg-hover"
        >
          <span className="truncate">{axis.label}</span>
          <span aria-hidden>×</span>
          <span className="sr-only">: take the axis out</span>
        </button>
      ))}
      {axes.length < AXES_MAX && (
        <ComboboxField
          className="w-48"
          label={<span className="sr-only">Add an axis</span>}
          placeholder="Add an axis"
          value={null}
          options={options.filter(({ value }) => !axes.some(({ id }) => id === value))}
          onChange={(id) => {
            const added = all.get(id);
            if (added) onAxes([...axes, added]);
          }}
        />
      )}
    </div>
  );
}
