"use client";
import { useState } from "react";
import { ChartFrame } from "@/components/charts/chart-frame";
import { cn } from "@/components/ui/class-names";
import { formatCount, formatPercent } from "@/components/ui/format";
import { ScrollRegion } from "@/components/ui/scroll-region";
import { Segmented } from "@/components/ui/toggles";
import { type Classified, supportOf } from "./evaluation";

/** True classes by predicted ones, as counts or as the share of each true class. */
export function ConfusionMatrix({ data }: { data: Classified }) {
  const [mode, setMode] = useState<"count" | "share">("count");
  const support = supportOf(data.confusionMatrix);
  const total = support.reduce((a, b) => a + b, 0);
  const right = data.confusionMatrix.reduce((sum, row, at) => sum + (row[at] ?? 0), 0);
  const share = (value: number, row: number) => value / (support[row] || 1);
  return (
    <ChartFrame
      title="Confusion matrix"
      summary={`${formatCount(right)} of ${formatCount(total)} rows are right`}
      controls={
        <Segmented
          label="Values"
          value={mode}
          onChange={setMode}
          choices={[
            { value: "count", label: "Rows" },
            { value: "share", label: "Share" },
          ]}
        />
      }
      table={() => ({
        columns: ["True class", ...data.classes.map((name) => `Predicted ${name}`)],
        rows: data.confusionMatrix.map((row, at) => [data.classes[at] ?? "", ...row]),
      })}
    >
      <ScrollRegion label="Confusion matrix" className="overflow-auto">
        <table className="mx-auto border-separate border-spacing-1 text-xs">
          <thead>
            <tr>
              <th scope="col" className="px-2 text-left font-normal text-fg-subtle">
                true \ predicted
              </th>
              {data.classes.map((name) => (
                <th key={name} scope="col" className="max-w-28 truncate px-2 py-1 font-medium">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data.confusionMatrix.map((row, at) => (
              <tr key={data.classes[at]}>
                <th scope="row" className="max-w-28 truncate px-2 text-left font-medium">
                  {data.classes[at]}
                </th>
                {row.map((value, column) => (
                  <td
                    key={data.classes[column]}
                    className={cn(
                      "h-12 min-w-16 rounded text-center tabular-nums",
                      value === 0 && "text-fg-subtle",
                    )}
                    style={{
                      background: `color-mix(in srgb, var(${at === column ? "--chart-3" : "--chart-2"}) ${Math.round(share(value, at) * 45)}%, var(--surface))`,
                    }}
                  >
                    {mode === "count" ? formatCount(value) : formatPercent(share(value, at))}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      <p className="mt-2 text-fg-muted text-xs">
        {formatCount(right)} of {formatCount(total)} rows right (
        {formatPercent(right / (total || 1))}
        ), on the rows of “{data.split}”.
      </p>
    </ChartFrame>
  );
}
