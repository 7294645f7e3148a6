"use client";
import { ChartFrame } from "@/components/charts/chart-frame";
import { BarChart } from "@/components/charts/draw/bar-chart";
import { ShareBars } from "@/components/charts/draw/share-bars";
import { Facts } from "@/components/ui/card";
import { Dialog } from "@/components/ui/dialog";
import { formatCount, formatMetric, formatPercent } from "@/components/ui/format";
import type { DatasetColumn } from "@/server/datasets/schemas";
import { boundText } from "./bound-text";
import { barsOf } from "./mini-histogram";

/** Everything known of one column. */
export function ColumnDialog({
  column,
  rows,
  onClose,
}: {
  column: DatasetColumn | null;
  rows: number;
  onClose: () => void;
}) {
  return (
    <Dialog
      open={column !== null}
      onOpenChange={(open) => !open && onClose()}
      title={column?.name ?? "Column"}
      description={column && `${column.type}, ${formatCount(column.distinct)} distinct values`}
    >
      {column && (
        <div className="space-y-4">
          <Distribution column={column} />
          <Facts
            columns={2}
            items={[
              {
                name: "Missing",
                value: `${formatCount(column.nullCount)} (${formatPercent(column.nullCount / Math.max(rows, 1))})`,
              },
              { name: "Distinct", value: formatCount(column.distinct) },
              { name: "Min", value: boundText(column.min) },
              { name: "Max", value: boundText(column.max) },
              { name: "Mean", value: formatMetric(column.mean) },
              { name: "Standard deviation", value: formatMetric(column.stddev) },
            ]}
          />
        </div>
      )}
    </Dialog>
  );
}

function Distribution({ column }: { column: DatasetColumn }) {
  const bars = barsOf(column);
  if (bars.length === 0) {
    return <p className="text-13 text-fg-subtle">Every value is missing.</p>;
  }
  const high = bars.reduce((a, b) => (b.value > a.value ? b : a));
  const table = () => ({
    columns: [column.histogram ? "From" : "Value", "Count"],
    rows: bars.map((bar) => [bar.label, bar.value]),
  });
  return (
    <ChartFrame
      title={column.histogram ? "Distribution" : "Most frequent values"}
      summary={`The highest bar is ${high.label} with ${formatCount(high.value)} rows.`}
      table={table}
    >
      {column.histogram ? (
        <BarChart data={bars} height={180} />
      ) : (
        <ShareBars
          label={`Most frequent values of ${column.name}`}
          shares={bars.slice(0, 10).map((bar) => ({
            label: bar.label,
            share: bar.value / high.value,
            text: formatCount(bar.value),
          }))}
        />
      )}
    </ChartFrame>
  );
}
