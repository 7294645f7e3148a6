"use client";
import { useState } from "react";
import { TextField } from "@/components/ui/field";
import { NumberField } from "@/components/ui/number-field";
import { Toolbar } from "@/components/ui/page";
import { SearchField } from "@/components/ui/search-field";
import { SelectField } from "@/components/ui/select";
import type {
  Signature,
  SignatureFeature,
} from "@/server/protocols/open-inference/codec/signature";
import {
  type FeatureRow,
  type FeatureValue,
  isUnusual,
  niceStep,
  rangeHint,
} from "./feature-values";
import { ImageField } from "./image-field";

/** Fields drawn at once; more are found by search. */
const SHOWN = 60;
const MISSING = "\0missing";

/** One field for each feature of the signature. */
export function FeatureForm({
  signature,
  row,
  errors,
  onChange,
}: {
  signature: Signature;
  row: FeatureRow;
  errors: Record<string, string>;
  onChange: (name: string, value: FeatureValue) => void;
}) {
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  const matching = signature.features.filter((f) => f.name.toLowerCase().includes(wanted));
  const shown = matching.slice(0, SHOWN);
  return (
    <>
      {signature.features.length > 12 && (
        <Toolbar>
          <SearchField label="Find a feature" value={search} onChange={setSearch} />
          <span className="text-fg-subtle text-xs tabular-nums">
            {shown.length} of {signature.features.length} features
          </span>
        </Toolbar>
      )}
      <div className="grid gap-x-4 gap-y-3 sm:grid-cols-2 xl:grid-cols-3">
        {shown.map((feature) => (
          <FeatureField
            key={feature.name}
            feature={feature}
            value={row[feature.name] ?? null}
            error={errors[feature.name] ?? errors[`input.${feature.name}`]}
            onChange={(value) => onChange(feature.name, value)}
          />
        ))}
      </div>
    </>
  );
}

interface FeatureFieldProps {
  feature: SignatureFeature;
  value: FeatureValue;
  error: string | undefined;
  onChange: (value: FeatureValue) => void;
}

function FeatureField(props: FeatureFieldProps) {
  const { feature, value, error, onChange } = props;
  const common = { label: feature.name, error };
  if (feature.type === "number" || feature.type === "integer") return <NumericField {...props} />;
  if (feature.type === "image") {
    return <ImageField {...common} value={String(value ?? "")} onChange={onChange} />;
  }
  if (feature.type === "category" && !feature.categories?.length) {
    return (
      <TextField
        {...common}
        value={value === null ? "" : String(value)}
        onChange={(text) => onChange(text === "" && feature.nullable ? null : text)}
      />
    );
  }
  const choices =
    feature.type === "boolean" ? ["true", "false"] : (feature.categories ?? []).map(String);
  return (
    <SelectField
      {...common}
      value={value === null ? MISSING : String(value)}
      onChange={(next) =>
        onChange(next === MISSING ? null : feature.type === "boolean" ? next === "true" : next)
      }
      options={[
        ...choices.map((choice) => ({ value: choice, label: choice })),
        ...(feature.nullable ? [{ value: MISSING, label: "(missing)" }] : []),
      ]}
    />
  );
}

function NumericField({ feature, value, error, onChange }: FeatureFieldProps) {
  const hint = rangeHint(feature);
  return (
    <NumberField
      label={feature.name}
      error={error}
      hint={
        isUnusual(feature, value) ? (
          <span className="text-warning">{hint?.replace("Seen", "Outside of what was seen")}</span>
        ) : (
          hint
        )
      }
      value={typeof value === "number" ? value : null}
      onChange={onChange}
      step={niceStep(feature)}
      placeholder={feature.nullable ? "missing" : undefined}
      allowOutOfRange
    />
  );
}
