"use client";
import { useState } from "react";
import { Field, TextField } from "@/components/ui/field";
import { formatCount } from "@/components/ui/format";
import { NumberField } from "@/components/ui/number-field";
import { Segmented, Switch } from "@/components/ui/toggles";
import type { SettingField } from "./setting-fields";

type Bounds = Extract<SettingField, { kind: "number" }>;

interface Props {
  field: SettingField;
  value: unknown;
  error: string | undefined;
  onChange: (value: unknown) => void;
}

/** The control a setting is changed with; what it may be is judged by the server. */
export function SettingControl({ field, value, error, onChange }: Props) {
  const { label, hint } = field;
  switch (field.kind) {
    case "number": {
      const { factor = 1 } = field;
      const shown = typeof value === "number" ? value / factor : null;
      return (
        <NumberField
          {...{ label, hint }}
          error={error && outsideText(field, shown, error)}
          value={shown}
          onChange={(next) => {
            if (next !== null) onChange(factor === 1 ? next : Math.round(next * factor));
            else if (field.nullable) onChange(null);
          }}
          min={field.min}
          max={field.max}
          step={field.step ?? 1}
          placeholder={field.nullable ? "default" : undefined}
          allowOutOfRange
        />
      );
    }
    case "switch":
      return (
        <div className="flex flex-col justify-center gap-1">
          <Switch checked={value === true} onChange={onChange} label={label} />
          <p className="text-fg-subtle text-xs">{error ?? hint}</p>
        </div>
      );
    case "choice":
      return (
        <Field {...{ label, hint, error }}>
          <span>
            <Segmented
              label={label}
              value={String(value)}
              onChange={onChange}
              choices={field.choices}
            />
          </span>
        </Field>
      );
    case "text":
      return (
        <TextField
          {...{ label, hint, error }}
          value={String(value ?? "")}
          onChange={onChange}
          mono
        />
      );
    case "numbers":
      return <NumbersField {...{ field, value, error, onChange }} />;
    case "labels":
      return <LabelsField {...{ field, value, error, onChange }} />;
  }
}

/** The bounds in the shown unit say more than the server's words, where they are what was missed. */
function outsideText({ min, max }: Bounds, shown: number | null, error: string): string {
  const isInside = shown === null || (shown >= min && shown <= max);
  return isInside ? error : `From ${formatCount(min)} to ${formatCount(max)}.`;
}

const wordsOf = ({ label, hint }: SettingField, error: string | undefined) => ({
  label,
  hint,
  error,
});

/** What stands between commas or spaces. */
const partsOf = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

/** Keeps what is typed, so that a comma does not vanish while a number is being written. */
function NumbersField({ field, value, error, onChange }: Props) {
  const [text, setText] = useState(Array.isArray(value) ? value.join(", ") : "");
  return (
    <TextField
      {...wordsOf(field, error)}
      value={text}
      placeholder="none"
      onChange={(next) => {
        setText(next);
        onChange(
          partsOf(next).map((part) => (Number.isFinite(Number(part)) ? Number(part) : part)),
        );
      }}
    />
  );
}

/** Names that are taken away become null, as a merge patch wants them. */
function LabelsField({ field, value, error, onChange }: Props) {
  const [stored] = useState(value as Record<string, string | null>);
  const [text, setText] = useState(
    Object.entries(stored)
      .filter(([, label]) => label !== null)
      .map((pair) => pair.join("="))
      .join(", "),
  );
  return (
    <TextField
      {...wordsOf(field, error)}
      value={text}
      placeholder="any node"
      onChange={(next) => {
        setText(next);
        const gone = Object.keys(stored).map((name) => [name, null] as const);
        const kept = partsOf(next).map((pair) => {
          const [name = "", ...rest] = pair.split("=");
          return [name, rest.join("=")] as const;
        });
        onChange(Object.fromEntries([...gone, ...kept]));
      }}
    />
  );
}
