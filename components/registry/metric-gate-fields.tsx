"use client";
import { TextField } from "@/components/ui/field";
import { NumberField } from "@/components/ui/number-field";
import { SelectField } from "@/components/ui/select";
import { METRIC_SOURCES, OPERATORS } from "@/server/registry/gates/constants";
import type { Against, Gate } from "@/server/registry/gates/schemas";
import { useStages } from "./use-stages";

type MetricGate = Extract<Gate, { type: "metric" }>;

const SOURCES = {
  test: "on test rows",
  validation: "on validation rows",
  run: "as the run logged it",
} as const;
const SIGNS = { ">=": "at least", ">": "more than", "<=": "at most", "<": "less than" } as const;
const KINDS: { value: Against["kind"]; label: string }[] = [
  { value: "constant", label: "a number" },
  { value: "alias", label: "the version with an alias" },
  { value: "stage", label: "the version in a stage" },
];

/** Which metric, how it is compared, and with what. */
export function MetricGateFields({
  gate,
  ownKey,
  onChange,
}: {
  gate: MetricGate;
  ownKey: string;
  onChange: (gate: MetricGate) => void;
}) {
  const stages = useStages();
  const change = (part: Partial<MetricGate>) => onChange({ ...gate, ...part });
  const [first] = stages;
  const begin = (kind: Against["kind"]): Against => {
    if (kind === "constant") return { kind, value: 0.9 };
    if (kind === "alias") return { kind, alias: "champion" };
    return { kind, stage: ownKey || (first?.key ?? "production") };
  };
  return (
    <div className="mt-2 grid gap-3 sm:grid-cols-3">
      <TextField
        label="Metric"
        mono
        value={gate.metric}
        onChange={(metric) => change({ metric })}
        required
      />
      <SelectField
        label="Measured"
        value={gate.source}
        onChange={(source) => change({ source })}
        options={METRIC_SOURCES.map((value) => ({ value, label: SOURCES[value] }))}
      />
      <SelectField
        label="Must be"
        value={gate.operator}
        onChange={(operator) => change({ operator })}
        options={OPERATORS.map((value) => ({ value, label: SIGNS[value] }))}
      />
      <SelectField
        label="Compared with"
        value={gate.against.kind}
        onChange={(kind) => change({ against: begin(kind) })}
        options={KINDS}
      />
      <AgainstField against={gate.against} onChange={(against) => change({ against })} />
      <NumberField
        label="By at least"
        value={gate.margin}
        onChange={(margin) => change({ margin: margin ?? 0 })}
        min={0}
      />
      {gate.against.kind !== "constant" && (
        <SelectField
          label="While nobody holds it"
          value={gate.whenAbsent}
          onChange={(whenAbsent) => change({ whenAbsent })}
          options={[
            { value: "pass", label: "the gate passes" },
            { value: "fail", label: "the gate fails" },
          ]}
        />
      )}
    </div>
  );
}

function AgainstField({
  against,
  onChange,
}: {
  against: Against;
  onChange: (against: Against) => void;
}) {
  const stages = useStages();
  if (against.kind === "constant") {
    return (
      <NumberField
        label="Number"
        value={against.value}
        onChange={(value) => onChange({ kind: "constant", value: value ?? 0 })}
      />
    );
  }
  if (against.kind === "alias") {
    return (
      <TextField
        label="Alias"
        mono
        value={against.alias}
        onChange={(alias) => onChange({ kind: "alias", alias })}
        required
      />
    );
  }
  return (
    <SelectField
      label="Stage"
      value={against.stage}
      onChange={(stage) => onChange({ kind: "stage", stage })}
      options={stages.map((stage) => ({ value: stage.key, label: stage.name }))}
    />
  );
}
