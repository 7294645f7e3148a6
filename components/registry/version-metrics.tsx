import { Card } from "@/components/ui/card";
import { formatMetric } from "@/components/ui/format";

type Values = Record<string, number | null>;

/** Metrics on test and validation rows, side by side. */
export function VersionMetrics({ metrics }: { metrics: { validation: Values; test: Values } }) {
  const names = [...new Set([...Object.keys(metrics.test), ...Object.keys(metrics.validation)])];
  if (names.length === 0) {
    return (
      <Card title="Metrics">
        <p className="text-13 text-fg-subtle">None recorded.</p>
      </Card>
    );
  }
  return (
    <Card title="Metrics" description="On rows the training never saw." flush>
      <table className="w-full text-13">
        <thead>
          <tr className="border-b text-fg-subtle text-xs">
            <th scope="col" className="h-8 px-4 text-left font-medium">
              Metric
            </th>
            <th scope="col" className="px-4 text-right font-medium">
              Test
            </th>
            <th scope="col" className="px-4 text-right font-medium">
              Validation
            </th>
          </tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <tr key={name} className="border-b last:border-b-0">
              <th scope="row" className="px-4 py-1.5 text-left font-normal text-fg-muted">
                {name}
              </th>
              <td className="px-4 py-1.5 text-right font-medium">
                {formatMetric(metrics.test[name])}
              </td>
              <td className="px-4 py-1.5 text-right text-fg-muted">
                {formatMetric(metrics.validation[name])}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
