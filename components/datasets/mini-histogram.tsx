import { formatCount } from "@/components/ui/format";
import type { DatasetColumn } from "@/server/datasets/schemas";

const WIDTH = 120;
const HEIGHT = 24;

/** Bar heights of a column: its histogram, or its most frequent values. */
export function barsOf(column: DatasetColumn): { label: string; value: number }[] {
  if (column.histogram) {
    const { edges, counts } = column.histogram;
    const isTime = column.type === "date" || column.type === "timestamp";
    const text = (edge: number) =>
      isTime
        ? new Date(edge).toISOString().slice(0, 10)
        : Number(edge.toPrecision(4)).toLocaleString("en-US");
    return counts.map((value, index) => ({ label: text(edges[index] ?? 0), value }));
  }
  return (column.topValues ?? []).map(({ value, count }) => ({
    label: value === "" ? "(empty text)" : String(value),
    value: count,
  }));
}

/** The shape of a column in a table row; its dialog shows it large. */
export function MiniHistogram({ column }: { column: DatasetColumn }) {
  const bars = barsOf(column);
  if (bars.length === 0) return <span className="text-fg-subtle">–</span>;
  const high = Math.max(...bars.map((bar) => bar.value), 1);
  const step = WIDTH / bars.length;
  return (
    <svg
      role="img"
      aria-label={`Distribution of ${column.name} in ${bars.length} bars, the highest ${formatCount(high)}`}
      width={WIDTH}
      height={HEIGHT}
    >
      {bars.map((bar, index) => {
        const height = Math.max((bar.value / high) * (HEIGHT - 1), bar.value > 0 ? 1.5 : 0);
        return (
          <rect
            key={bars.indexOf(bar)}
            x={index * step}
            y={HEIGHT - height}
            width={Math.max(step - 1, 1)}
            height={height}
            rx="0.5"
            fill="var(--chart-1)"
          />
        );
      })}
    </svg>
  );
}
