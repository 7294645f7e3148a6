"use client";
import { NumberField } from "@/components/ui/number-field";
import { SelectField } from "@/components/ui/select";
import type { Hyperparameter } from "@/server/training/catalog";

export type HyperparameterValue = number | boolean | string | null;

const text = (value: number) =>
  Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-3)
    ? value.toExponential(0)
    : String(value);

/** "0.00001 to 1, default 0.1" */
function boundsText(parameter: Hyperparameter): string {
  const { min, max } = parameter;
  const range =
    min !== undefined && max !== undefined
      ? `${text(min)} to ${text(max)}`
      : min !== undefined
        ? `from ${text(min)}`
        : "";
  const preset = parameter.default === null ? "no default" : `default ${String(parameter.default)}`;
  return [range, preset].filter(Boolean).join(", ");
}

/** One field for each hyperparameter, with the bounds the trainer declares. */
export function HyperparameterFields({
  parameters,
  values,
  errors,
  onChange,
}: {
  parameters: Hyperparameter[];
  values: Record<string, HyperparameterValue>;
  errors: Record<string, string>;
  onChange: (name: string, value: HyperparameterValue) => void;
}) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {parameters.map((parameter) => (
        <HyperparameterField
          key={parameter.name}
          parameter={parameter}
          value={values[parameter.name] ?? null}
          error={errors[`hyperparameters.${parameter.name}`]}
          onChange={(value) => onChange(parameter.name, value)}
        />
      ))}
    </div>
  );
}

function HyperparameterField({
  parameter,
  value,
  error,
  onChange,
}: {
  parameter: Hyperparameter;
  value: HyperparameterValue;
  error: string | undefined;
  onChange: (value: HyperparameterValue) => void;
}) {
  const common = { label: parameter.name, error, optional: parameter.nullable };
  const hint = (
    <>
      {parameter.description}{" "}
      <span className="whitespace-nowrap text-fg-muted">({boundsText(parameter)})</span>
    </>
  );
  if (parameter.type === "boolean" || parameter.type === "choice") {
    const choices = parameter.type === "boolean" ? ["true", "false"] : (parameter.choices ?? []);
    return (
      <SelectField
        {...common}
        hint={hint}
        value={value === null ? null : String(value)}
        onChange={(next) => onChange(parameter.type === "boolean" ? next === "true" : next)}
        options={choices.map((choice) => ({ value: choice, label: choice }))}
      />
    );
  }
  return (
    <NumberField
      {...common}
      hint={hint}
      value={typeof value === "number" ? value : null}
      onChange={onChange}
      min={parameter.min}
      max={parameter.max}
      step={parameter.type === "integer" ? 1 : "any"}
      placeholder={parameter.nullable ? "none" : undefined}
    />
  );
}
