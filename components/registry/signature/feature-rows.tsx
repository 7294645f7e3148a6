"use client";
import { Input } from "@base-ui/react/input";
import { useState } from "react";
import { INPUT } from "@/components/ui/field";
import { ScrollRegion } from "@/components/ui/scroll-region";
import { SearchField } from "@/components/ui/search-field";
import { Select } from "@/components/ui/select";
import { Checkbox } from "@/components/ui/toggles";
import type {
  Signature,
  SignatureFeature,
} from "@/server/protocols/open-inference/codec/signature";

const SHOWN = 50;
const TYPES: { value: SignatureFeature["type"]; label: string }[] = [
  { value: "number", label: "number" },
  { value: "integer", label: "integer" },
  { value: "boolean", label: "boolean" },
];

/** Name, type and typical values of each feature; long lists are searched. */
export function FeatureRows({
  signature,
  onChange,
}: {
  signature: Signature;
  onChange: (at: number, changes: Partial<SignatureFeature>) => void;
}) {
  const [search, setSearch] = useState("");
  const found = signature.features
    .map((feature, at) => ({ feature, at }))
    .filter(({ feature }) => feature.name.toLowerCase().includes(search.toLowerCase()));
  return (
    <div className="space-y-2">
      {signature.features.length > SHOWN && (
        <SearchField label="Find a feature" value={search} onChange={setSearch} />
      )}
      <ScrollRegion label="Features to change" className="overflow-x-auto rounded-lg border">
        <table className="w-full min-w-[36rem] text-13">
          <thead>
            <tr className="border-b text-left text-fg-subtle text-xs">
              {["Name", "Type", "May be missing", "Least", "Most"].map((name) => (
                <th key={name} scope="col" className="h-8 px-2 font-medium first:pl-3">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.slice(0, SHOWN).map(({ feature, at }) => (
              // Its place is what a feature keeps while its name is typed.
              <FeatureRow
                key={at}
                feature={feature}
                onChange={(changes) => onChange(at, changes)}
              />
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      {found.length > SHOWN && (
        <p className="text-fg-subtle text-xs">
          {SHOWN} of {found.length} features. Search for the others.
        </p>
      )}
    </div>
  );
}

function FeatureRow({
  feature,
  onChange,
}: {
  feature: SignatureFeature;
  onChange: (changes: Partial<SignatureFeature>) => void;
}) {
  const { name, type, nullable } = feature;
  const isNumber = type === "number" || type === "integer";
  return (
    <tr className="border-b last:border-b-0">
      <td className="py-1.5 pr-2 pl-3">
        <Input
          aria-label={`Name of ${name}`}
          value={name}
          onValueChange={(next) => onChange({ name: next })}
          className={INPUT}
        />
      </td>
      <td className="p-1.5">
        {type === "category" || type === "image" ? (
          <span className="px-1 font-mono text-xs">{type}</span>
        ) : (
          <Select
            ariaLabel={`Type of ${name}`}
            value={type}
            onChange={(next) => onChange({ type: next })}
            options={TYPES}
            className="w-28"
          />
        )}
      </td>
      <td className="p-1.5 text-center">
        {type !== "image" && (
          <Checkbox
            hideLabel
            label={`${name} may be missing`}
            checked={nullable}
            onChange={(next) => onChange({ nullable: next })}
          />
        )}
      </td>
      {(["min", "max"] as const).map((side) => (
        <td key={side} className="p-1.5 last:pr-3">
          {isNumber && (
            <NumberCell
              label={`${side === "min" ? "Least" : "Most"} of ${name}`}
              value={feature[side] ?? null}
              onChange={(value) => onChange({ [side]: value })}
            />
          )}
        </td>
      ))}
    </tr>
  );
}

/** A number or nothing; what is no number yet stays in the field. */
function NumberCell({
  label,
  value,
  onChange,
}: {
  label: string;
  value: number | null;
  onChange: (value: number | null) => void;
}) {
  const [text, setText] = useState(value === null ? "" : String(value));
  return (
    <Input
      aria-label={label}
      inputMode="decimal"
      value={text}
      onValueChange={(next) => {
        setText(next);
        const number = Number(next);
        if (next.trim() === "") onChange(null);
        else if (Number.isFinite(number)) onChange(number);
      }}
      className={`${INPUT} w-24 tabular-nums`}
    />
  );
}
