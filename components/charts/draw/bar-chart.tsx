"use client";
import {
  Bar,
  BarChart as Bars,
  CartesianGrid,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { formatCompact } from "@/components/ui/format";

export interface BarDatum {
  label: string;
  value: number;
}

/** Upright bars for a few dozen values at most. */
export function BarChart({
  data,
  height = 120,
  format = formatCompact,
  axes = true,
}: {
  data: BarDatum[];
  height?: number;
  format?: (value: number) => string;
  axes?: boolean;
}) {
  return (
    <div aria-hidden style={{ height }}>
      <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 240, height }}>
        <Bars
          data={data}
          margin={{ top: 4, right: 0, bottom: 0, left: 0 }}
          barCategoryGap={1}
          accessibilityLayer={false}
        >
          {axes && <CartesianGrid vertical={false} stroke="var(--line)" />}
          <XAxis
            dataKey="label"
            hide={!axes}
            tickLine={false}
            axisLine={{ stroke: "var(--line)" }}
            tick={{ fontSize: 11, fill: "var(--fg-subtle)" }}
            minTickGap={24}
          />
          <YAxis
            hide={!axes}
            width={40}
            tickLine={false}
            axisLine={false}
            tick={{ fontSize: 11, fill: "var(--fg-subtle)" }}
            tickFormatter={format}
          />
          <Tooltip
            cursor={{ fill: "var(--hover)" }}
            contentStyle={{
              background: "var(--raised)",
              border: "1px solid var(--line)",
              borderRadius: 8,
              fontSize: 12,
              padding: "4px 8px",
            }}
            itemStyle={{ color: "var(--fg)", padding: 0 }}
            labelStyle={{ color: "var(--fg-subtle)" }}
            separator=": "
            formatter={(value) => [format(Number(value)), "Count"]}
          />
          <Bar
            dataKey="value"
            fill="var(--chart-1)"
            radius={[2, 2, 0, 0]}
            isAnimationActive={false}
          />
        </Bars>
      </ResponsiveContainer>
    </div>
  );
}
