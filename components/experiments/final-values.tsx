import { Card, Facts } from "@/components/ui/card";
import { loggedText } from "@/components/ui/format";
import { ScrollRegion } from "@/components/ui/scroll-region";
import type { ChartedMetric } from "./prepare-curves";
import type { ChartedRun } from "./run-charts";

/** Metrics that were logged once, as figures. */
export function FinalValues({ metrics, runs }: { metrics: ChartedMetric[]; runs: ChartedRun[] }) {
  const value = (metric: ChartedMetric, run: number) =>
    loggedText(metric.series.find((series) => series.run === run)?.points.at(-1)?.value);
  if (runs.length === 1) {
    return (
      <Card title="Final values">
        <Facts
          columns={2}
          items={metrics.map((metric) => ({ name: metric.key, value: value(metric, 0) }))}
        />
      </Card>
    );
  }
  return (
    <Card title="Final values" flush>
      <ScrollRegion label="Final values" className="overflow-x-auto">
        <table className="w-full text-13">
          <thead>
            <tr className="border-b text-fg-subtle text-xs">
              <th scope="col" className="sticky left-0 h-8 bg-surface px-4 text-left font-medium">
                Metric
              </th>
              {runs.map((run) => (
                <th
                  key={run.id}
                  scope="col"
                  className="whitespace-nowrap px-4 text-right font-medium"
                >
                  {run.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {metrics.map((metric) => (
              <tr key={metric.key} className="border-b last:border-b-0">
                <th
                  scope="row"
                  className="sticky left-0 bg-surface px-4 py-1.5 text-left font-normal text-fg-muted"
                >
                  {metric.key}
                </th>
                {runs.map((run, index) => (
                  <td
                    key={run.id}
                    className="whitespace-nowrap px-4 py-1.5 text-right font-medium tabular-nums"
                  >
                    {value(metric, index)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </Card>
  );
}
