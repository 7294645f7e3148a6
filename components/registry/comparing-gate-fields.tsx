"use client";
import { TextField } from "@/components/ui/field";
import { NumberField } from "@/components/ui/number-field";
import { ComboboxField, SelectField } from "@/components/ui/select";
import { METRIC_SOURCES, OPERATORS } from "@/server/registry/gates/constants";
import type { Against, ComparingGate } from "@/server/registry/gates/schemas";
import { useDatasetOptions } from "./use-datasets";
import { useStages } from "./use-stages";

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

interface Props<G> {
  gate: G;
  onChange: (gate: G) => void;
}

/** Which metric, measured where, how it is compared, and with what. */
export function ComparingGateFields({
  gate,
  ownKey,
  onChange,
}: Props<ComparingGate> & {
  /** The stage itself; empty while it is being made. */
  ownKey: string;
}) {
  const [first] = useStages();
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
        onChange={(metric) => onChange({ ...gate, metric })}
        required
      />
      <Measured gate={gate} onChange={onChange} />
      <SelectField
        label="Must be"
        value={gate.operator}
        onChange={(operator) => onChange({ ...gate, operator })}
        options={OPERATORS.map((value) => ({ value, label: SIGNS[value] }))}
      />
      <SelectField
        label="Compared with"
        value={gate.against.kind}
        onChange={(kind) => onChange({ ...gate, against: begin(kind) })}
        options={KINDS}
      />
      <AgainstField against={gate.against} onChange={(against) => onChange({ ...gate, against })} />
      <NumberField
        label="By at least"
        value={gate.margin}
        onChange={(margin) => onChange({ ...gate, margin: margin ?? 0 })}
        min={0}
      />
      {gate.against.kind !== "constant" && (
        <SelectField
          label="While nobody holds it"
          value={gate.whenAbsent}
          onChange={(whenAbsent) => onChange({ ...gate, whenAbsent })}
          options={[
            { value: "pass", label: "the gate passes" },
            { value: "fail", label: "the gate fails" },
          ]}
        />
      )}
    </div>
  );
}

/** Where the metric is read: from what training measured, or from benchmarks on one dataset. */
function Measured({ gate, onChange }: Props<ComparingGate>) {
  const datasets = useDatasetOptions();
  if (gate.type === "benchmark") {
    return (
      <ComboboxField
        label="Benchmarked on"
        value={gate.dataset}
        onChange={(dataset) => onChange({ ...gate, dataset })}
        options={datasets}
        placeholder="Type to search"
      />
    );
  }
  return (
    <SelectField
      label="Measured"
      value={gate.source}
      onChange={(source) => onChange({ ...gate, source })}
      options={METRIC_SOURCES.map((value) => ({ value, label: SOURCES[value] }))}
    />
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
