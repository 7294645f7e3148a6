import { Card, Facts } from "@/components/ui/card";
import { formatCount } from "@/components/ui/format";
import { Status } from "@/components/ui/status";

/** Whether the served form answers as the trained one did. */
export function ParityCard({
  parity,
}: {
  parity: { rows: number; maxAbsDiff: number; labelFlips: number; tolerance: number } | null;
}) {
  if (!parity) {
    return (
      <Card title="Parity">
        <p className="text-13 text-fg-subtle">
          Not checked: this version was neither trained nor converted here.
        </p>
      </Card>
    );
  }
  const passed = parity.labelFlips === 0 && parity.maxAbsDiff <= parity.tolerance;
  return (
    <Card
      title="Parity"
      description="The ONNX form against the framework's own answers."
      actions={<Status status={passed ? "ok" : "failed"} label={passed ? "Passed" : "Failed"} />}
    >
      <Facts
        items={[
          { name: "Rows compared", value: formatCount(parity.rows) },
          { name: "Labels that flipped", value: formatCount(parity.labelFlips) },
          {
            name: "Largest difference",
            value: `${parity.maxAbsDiff.toExponential(1)} of ${parity.tolerance.toExponential(0)} allowed`,
          },
        ]}
      />
    </Card>
  );
}
