import { Card } from "@/components/ui/card";
import { cn } from "@/components/ui/class-names";
import { formatMetric } from "@/components/ui/format";

type Values = Record<string, number | null>;

/** Metrics on test and validation rows side by side, or those a run of another program logged. */
export function VersionMetrics({ metrics }: { metrics: { validation: Values; test: Values } }) {
  const names = [...new Set([...Object.keys(metrics.test), ...Object.keys(metrics.validation)])];
  if (names.length === 0) {
    return (
      <Card title="Metrics">
        <p className="text-13 text-fg-subtle">None recorded.</p>
      </Card>
    );
  }
  const isTested = Object.keys(metrics.test).length > 0;
  return (
    <Card
      title="Metrics"
      description={isTested ? "On rows the training never saw." : "As the run logged them."}
      flush
    >
      <table className="w-full text-13">
        <thead>
          <tr className="border-b text-fg-subtle text-xs">
            <th scope="col" className="h-8 px-4 text-left font-medium">
              Metric
            </th>
            {isTested && (
              <th scope="col" className="px-4 text-right font-medium">
                Test
              </th>
            )}
            <th scope="col" className="px-4 text-right font-medium">
              {isTested ? "Validation" : "Value"}
            </th>
          </tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <tr key={name} className="border-b last:border-b-0">
              <th
                scope="row"
                className="wrap-anywhere px-4 py-1.5 text-left font-normal text-fg-muted"
              >
                {name}
              </th>
              {isTested && (
                <td className="px-4 py-1.5 text-right font-medium">
                  {formatMetric(metrics.test[name])}
                </td>
              )}
              <td
                className={cn("px-4 py-1.5 text-right", isTested ? "text-fg-muted" : "font-medium")}
              >
                {formatMetric(metrics.validation[name])}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
