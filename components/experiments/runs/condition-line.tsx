"use client";
import { Input } from "@base-ui/react/input";
import { cn } from "@/components/ui/class-names";
import { INPUT } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import { printField } from "@/server/experiments/filter/print-filter";
import { type Comparison, type Field, NULL_OPERATORS } from "@/server/experiments/filter/syntax";
import { condition, isNumeric, operatorsOf, valueText } from "./conditions";

/** A line of the builder while somebody writes it. */
export interface Draft {
  id: number;
  field: Field;
  operator: string;
  value: string;
  /** A condition the builder cannot change, only remove. */
  fixed?: Comparison | undefined;
}

/** Field, operator and value of one condition. */
export function DraftLine({
  draft,
  onChange,
}: {
  draft: Draft;
  onChange: (next: Partial<Draft>) => void;
}) {
  const name = printField(draft.field);
  if (draft.fixed) {
    return (
      <code className="flex min-h-8 min-w-0 flex-1 items-center truncate font-mono text-xs">
        {name} {draft.operator} ({valueText(draft.fixed)})
      </code>
    );
  }
  const takesValue = !NULL_OPERATORS.some((operator) => operator === draft.operator);
  const wrong = draft.value !== "" && condition(draft.field, draft.operator, draft.value) === null;
  return (
    <div className="grid min-w-0 flex-1 grid-cols-[minmax(0,1fr)_auto] gap-2 sm:grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)]">
      <code className="flex min-h-8 items-center truncate font-mono text-xs" title={name}>
        {name}
      </code>
      <Select
        ariaLabel={`How ${name} is compared`}
        value={draft.operator}
        onChange={(operator) => onChange({ operator })}
        options={operatorsOf(draft.field).map((operator) => ({
          value: operator,
          label: operator,
        }))}
      />
      {takesValue && (
        <Input
          aria-label={`Value of ${name}`}
          aria-invalid={wrong || undefined}
          inputMode={isNumeric(draft.field) ? "decimal" : "text"}
          value={draft.value}
          onValueChange={(value) => onChange({ value })}
          className={cn(INPUT, "col-span-2 sm:col-span-1", wrong && "border-danger-dot")}
        />
      )}
    </div>
  );
}
