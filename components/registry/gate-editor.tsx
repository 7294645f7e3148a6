"use client";
import { Plus, Trash2 } from "lucide-react";
import { Button, IconButton } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Menu, MenuItem } from "@/components/ui/menu";
import { Checkbox } from "@/components/ui/toggles";
import { LINEAGE_PARTS } from "@/server/registry/gates/constants";
import { type ComparingGate, type Gate, gateTitle } from "@/server/registry/gates/schemas";
import { GATES_MAX } from "@/server/registry/stages/constants";
import { ComparingGateFields } from "./comparing-gate-fields";
import { useDatasetOptions } from "./use-datasets";

/** How a new comparison begins. */
const COMPARED: Pick<ComparingGate, "metric" | "operator" | "margin" | "whenAbsent" | "against"> = {
  metric: "accuracy",
  operator: ">=",
  margin: 0,
  whenAbsent: "pass",
  against: { kind: "constant", value: 0.9 },
};

/** What each kind of gate is called, and how a new one begins. */
const KINDS: { label: string; gate: Gate }[] = [
  {
    label: "A metric against a number, an alias or a stage",
    gate: { type: "metric", source: "test", ...COMPARED },
  },
  { label: "Parity of ONNX with the framework", gate: { type: "parity" } },
  { label: "Files the version must have", gate: { type: "artifacts", kinds: ["model"] } },
  { label: "What it was made from is known", gate: { type: "lineage", parts: ["dataset"] } },
  { label: "A semantic version", gate: { type: "semantic_version" } },
];

/** The rules a version must meet to enter a stage. */
export function GateEditor({
  gates,
  ownKey,
  onChange,
}: {
  gates: Gate[];
  /** The stage itself, which cannot be its own yardstick when it is new. */
  ownKey: string;
  onChange: (gates: Gate[]) => void;
}) {
  // A benchmark needs a dataset; without one in the workspace there is nothing to offer.
  const benchmarked = useDatasetOptions()
    .slice(0, 1)
    .map((dataset): (typeof KINDS)[number] => ({
      label: "A metric of benchmarks on one dataset",
      gate: { type: "benchmark", dataset: dataset.value, ...COMPARED },
    }));
  const replace = (index: number, gate: Gate) =>
    onChange(gates.map((old, at) => (at === index ? gate : old)));
  return (
    <fieldset className="space-y-3 border-t pt-4">
      <legend className="sr-only">Gates</legend>
      <div className="flex items-center justify-between gap-3">
        <h3 className="font-medium text-13">Gates</h3>
        <Menu
          trigger={
            <Button size="sm" disabled={gates.length >= GATES_MAX}>
              <Plus aria-hidden className="size-3.5" />
              Add gate
            </Button>
          }
        >
          {[...KINDS, ...benchmarked].map((kind) => (
            <MenuItem key={kind.label} onClick={() => onChange([...gates, kind.gate])}>
              {kind.label}
            </MenuItem>
          ))}
        </Menu>
      </div>
      {gates.length === 0 && (
        <p className="text-13 text-fg-subtle">None: every version may ask to enter.</p>
      )}
      <ol className="space-y-2">
        {gates.map((gate, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a gate has no identity but its place.
          <li key={index} className="rounded-lg border p-3">
            <div className="flex items-center justify-between gap-2">
              <span className="font-medium text-13">{gateTitle(gate)}</span>
              <IconButton
                size="icon-sm"
                label={`Remove the gate ${gateTitle(gate)}`}
                onClick={() => onChange(gates.filter((_, at) => at !== index))}
              >
                <Trash2 className="size-3.5" />
              </IconButton>
            </div>
            <GateFields gate={gate} ownKey={ownKey} onChange={(next) => replace(index, next)} />
          </li>
        ))}
      </ol>
    </fieldset>
  );
}

function GateFields({
  gate,
  ownKey,
  onChange,
}: {
  gate: Gate;
  ownKey: string;
  onChange: (gate: Gate) => void;
}) {
  if (gate.type === "metric" || gate.type === "benchmark") {
    return <ComparingGateFields gate={gate} ownKey={ownKey} onChange={onChange} />;
  }
  if (gate.type === "artifacts") {
    return (
      <TextField
        label="Kinds of files"
        hint="Separated by commas, for instance model, requirements."
        mono
        value={gate.kinds.join(", ")}
        onChange={(text) =>
          onChange({ ...gate, kinds: text.split(",").map((kind) => kind.trim()) })
        }
        className="mt-2"
      />
    );
  }
  if (gate.type === "lineage") {
    return (
      <div className="mt-1 flex gap-4">
        {LINEAGE_PARTS.map((part) => (
          <Checkbox
            key={part}
            label={part}
            checked={gate.parts.includes(part)}
            // One of them must stay: a gate about nothing is none.
            disabled={gate.parts.length === 1 && gate.parts.includes(part)}
            onChange={(on) =>
              onChange({
                ...gate,
                parts: LINEAGE_PARTS.filter((one) =>
                  one === part ? on : gate.parts.includes(one),
                ),
              })
            }
          />
        ))}
      </div>
    );
  }
  return null;
}
