"use client";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { NumberField } from "@/components/ui/number-field";
import { SelectField } from "@/components/ui/select";
import { type AxisEnd, type AxisRange, type AxisRanges, isOpen } from "../prepare/axis-range";
import { type AxisScale, asNumber } from "../prepare/scale-axis";
import type { ParallelAxis } from "./parallel-coordinates";

/** An open end in a list of words, whose values are numbers. */
const ANY = "any";
const LABELS = { low: "From", high: "To" } as const;

/** An axis and the two ends of what is kept of it, typed; and how many pass. */
export function RangeFields({
  axes,
  axis,
  scale,
  ranges,
  onAxis,
  onRange,
  onClear,
  passing,
  actions,
}: {
  axes: ParallelAxis[];
  axis: ParallelAxis | undefined;
  scale: AxisScale | undefined;
  ranges: AxisRanges;
  onAxis: (axis: string) => void;
  onRange: (axis: string, range: AxisRange | null) => void;
  onClear: () => void;
  passing: string;
  actions?: ReactNode;
}) {
  if (!axis || !scale) return null;
  const isFiltered = axes.some(({ id }) => !isOpen(ranges[id]));
  return (
    <div className="mt-2 flex flex-wrap items-end gap-3">
      <SelectField
        className="w-full sm:w-48"
        label="Keep runs by"
        value={axis.id}
        options={axes.map(({ id, label }) => ({
          value: id,
          label,
          ...(!isOpen(ranges[id]) && { detail: "kept in part" }),
        }))}
        onChange={onAxis}
      />
      {(["low", "high"] as const).map((end) => (
        <EndField
          // Each axis has fields of its own: what was typed for one is nothing to the next.
          key={`${axis.id} ${end}`}
          end={end}
          scale={scale}
          range={ranges[axis.id]}
          onRange={(range) => onRange(axis.id, range)}
        />
      ))}
      <p role="status" className="flex h-8 items-center text-13 text-fg-muted tabular-nums">
        {isFiltered && passing}
      </p>
      {isFiltered && <Button onClick={onClear}>Let all pass</Button>}
      {isFiltered && actions}
    </div>
  );
}

function EndField({
  end,
  scale,
  range,
  onRange,
}: {
  end: AxisEnd;
  scale: AxisScale;
  range: AxisRange | undefined;
  onRange: (range: AxisRange) => void;
}) {
  const text = range?.[end] ?? "";
  const set = (next: string) => onRange({ low: "", high: "", ...range, [end]: next });
  const look = { label: LABELS[end], className: "w-[calc(50%-0.375rem)] sm:w-36" };
  if (scale.kind === "number") {
    return (
      <NumberField
        {...look}
        placeholder="any"
        value={text === "" ? null : asNumber(text)}
        onChange={(value) => set(value === null ? "" : String(value))}
      />
    );
  }
  const words = scale.ticks.map((tick, at) => ({ value: `${at}`, label: tick.label }));
  return (
    <SelectField
      {...look}
      value={words.find((word) => word.label === text)?.value ?? ANY}
      options={[{ value: ANY, label: "any" }, ...words]}
      onChange={(at) => set(words.find(({ value }) => value === at)?.label ?? "")}
    />
  );
}
