import { ChartFrame } from "@/components/charts/chart-frame";
import { WaterfallChart } from "@/components/charts/draw/waterfall-chart";
import { waterfallSteps } from "@/components/charts/prepare/waterfall";
import { formatCount, formatMetric } from "@/components/ui/format";
import {
  answerText,
  backgroundText,
  type Importance,
  methodText,
  spaceText,
} from "./importance-text";

/** Features drawn; the table has all. */
const SHOWN = 10;

/** What moved one prediction away from a typical one, feature by feature. */
export function FeatureImportance({
  importance,
  row,
}: {
  importance: Importance;
  /** The values that were sent, by feature; null when they are not known. */
  row: Record<string, unknown> | null;
}) {
  const parts = Object.entries(importance.contributions)
    .map(([name, value]) => ({ name, label: labelOf(name, row), value }))
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const [first] = parts;
  // Rounding noise beside the largest is nothing.
  const moving = parts.filter(({ value }) => Math.abs(value) > 1e-9 * Math.abs(first?.value ?? 0));
  const idle = parts.length - moving.length;
  const steps = waterfallSteps(importance.base, moving, SHOWN);
  const errors = importance.standardError;
  return (
    <section aria-label="What moved the prediction" className="border-t pt-3">
      <ChartFrame
        bare
        title="What moved it"
        summary={
          first
            ? `Most of all ${first.label}, by ${signed(first.value)} ${spaceText(importance)}.`
            : "No feature did."
        }
        table={() => ({
          columns: ["Feature", "Value", "Contribution", ...(errors ? ["Standard error"] : [])],
          rows: parts.map(({ name, value }) => [
            name,
            row ? textOf(row[name]) : null,
            signed(value),
            ...(errors ? [`± ${formatMetric(errors[name])}`] : []),
          ]),
        })}
      >
        <WaterfallChart
          label="Steps from a typical prediction to this one"
          steps={steps}
          format={({ kind, value }) =>
            kind === "start" || kind === "end" ? formatMetric(value) : signed(value)
          }
        />
      </ChartFrame>
      <p className="mt-2 text-fg-subtle text-xs">
        Contributions are {spaceText(importance)}
        {answerText(importance)}.{" "}
        {idle > 0 && `${formatCount(idle)} of ${parts.length} features moved nothing. `}
        {methodText(importance)} {backgroundText(importance)}
      </p>
    </section>
  );
}

const labelOf = (name: string, row: Record<string, unknown> | null): string =>
  row && Object.hasOwn(row, name) ? `${name} = ${textOf(row[name])}` : name;

const textOf = (value: unknown): string =>
  value === null || value === undefined || value === "" ? "missing" : String(value);

/** With a real minus sign, as wide as the plus. */
function signed(value: number): string {
  if (value === 0) return "0";
  return value < 0 ? `−${formatMetric(-value)}` : `+${formatMetric(value)}`;
}
