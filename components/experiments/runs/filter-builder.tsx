"use client";
import { Popover } from "@base-ui/react/popover";
import { ListFilter, Plus, X } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { ComboboxField, type Option } from "@/components/ui/select";
import { Segmented } from "@/components/ui/toggles";
import { printField } from "@/server/experiments/filter/print-filter";
import { AGGREGATES, type Field } from "@/server/experiments/filter/syntax";
import type { ColumnKeys } from "./column-picker";
import { type Draft, DraftLine } from "./condition-line";
import { condition, fromConditions, operatorsOf, toConditions, valueText } from "./conditions";

/** The filter as lines of field, operator and value; the text field beside it shows the same. */
export function FilterBuilder({
  filter,
  keys,
  onChange,
}: {
  filter: string;
  keys: ColumnKeys | undefined;
  onChange: (filter: string) => void;
}) {
  const [open, setOpen] = useState(false);
  const conditions = toConditions(filter);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        render={
          <Button>
            <ListFilter aria-hidden className="size-3.5" />
            Filter
            {conditions && conditions.terms.length > 0 && (
              <span className="rounded bg-accent-soft px-1 text-2xs text-accent-text">
                {conditions.terms.length}
              </span>
            )}
          </Button>
        }
      />
      <Popover.Portal>
        <Popover.Positioner sideOffset={4} align="start" className="z-50">
          <Popover.Popup
            aria-label="Build a filter"
            className="w-[min(40rem,calc(100vw-1rem))] rounded-lg border bg-raised p-4 shadow-pop outline-none"
          >
            {conditions === null ? (
              <p className="text-13 text-fg-muted">
                This filter has parentheses or NOT. Change it in the text field, or clear it to
                build another one here.
              </p>
            ) : (
              <Builder
                key={filter}
                filter={filter}
                keys={keys}
                onApply={(next) => {
                  onChange(next);
                  setOpen(false);
                }}
              />
            )}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Builder({
  filter,
  keys,
  onApply,
}: {
  filter: string;
  keys: ColumnKeys | undefined;
  onApply: (filter: string) => void;
}) {
  const parsed = toConditions(filter);
  const [joiner, setJoiner] = useState(parsed?.joiner ?? "and");
  const [drafts, setDrafts] = useState<Draft[]>(() =>
    (parsed?.terms ?? []).map((term, id) => ({
      id,
      field: term.field,
      operator: term.operator,
      value: valueText(term),
      // A list of values is kept as it is: the builder has no field for it.
      fixed: term.kind === "list" ? term : undefined,
    })),
  );
  const fields = fieldOptions(keys);
  const terms = drafts.map(
    (draft) => draft.fixed ?? condition(draft.field, draft.operator, draft.value),
  );
  const good = terms.filter((term) => term !== null);
  const change = (id: number, next: Partial<Draft>) =>
    setDrafts(drafts.map((draft) => (draft.id === id ? { ...draft, ...next } : draft)));
  return (
    <form
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault();
        onApply(fromConditions({ joiner, terms: good }));
      }}
    >
      {drafts.length > 1 && (
        <Segmented
          label="How conditions are joined"
          value={joiner}
          onChange={setJoiner}
          choices={[
            { value: "and", label: "All of these" },
            { value: "or", label: "Any of these" },
          ]}
        />
      )}
      {drafts.map((draft) => (
        <div key={draft.id} className="flex items-start gap-2">
          <DraftLine draft={draft} onChange={(next) => change(draft.id, next)} />
          <IconButton
            label="Remove this condition"
            onClick={() => setDrafts(drafts.filter((other) => other !== draft))}
          >
            <X aria-hidden className="size-4" />
          </IconButton>
        </div>
      ))}
      {drafts.length === 0 && (
        <p className="text-13 text-fg-muted">No conditions: every run is shown.</p>
      )}
      <AddLine
        fields={fields}
        onAdd={(field) =>
          setDrafts([
            ...drafts,
            {
              id: Math.max(-1, ...drafts.map((draft) => draft.id)) + 1,
              field,
              operator: operatorsOf(field)[0] ?? "=",
              value: "",
            },
          ])
        }
      />
      <div className="flex justify-end gap-2 border-t pt-3">
        <Button onClick={() => onApply("")}>Clear</Button>
        <Button type="submit" variant="primary" disabled={good.length < drafts.length}>
          Apply
        </Button>
      </div>
    </form>
  );
}

function AddLine({
  fields,
  onAdd,
}: {
  fields: (Option & { field: Field })[];
  onAdd: (field: Field) => void;
}) {
  return (
    <div className="flex items-center gap-2 text-fg-subtle text-xs">
      <Plus aria-hidden className="size-4 shrink-0" />
      <ComboboxField
        className="flex-1"
        label={<span className="sr-only">Add a condition on</span>}
        placeholder="Add a condition on a metric, parameter, tag …"
        value={null}
        options={fields}
        onChange={(value) => {
          const chosen = fields.find((one) => one.value === value);
          if (chosen) onAdd(chosen.field);
        }}
      />
    </div>
  );
}

const FACTS: Field[] = ["run_name", "status", "user_id", "start_time", "end_time", "duration"].map(
  (key) => ({ entity: "attribute", key }),
);

/** Everything a run can be asked for, by the words of the language. */
function fieldOptions(keys: ColumnKeys | undefined): (Option & { field: Field })[] {
  const option = (field: Field, detail: string) => {
    const text = printField(field);
    return { value: text, label: text, detail, field };
  };
  return [
    ...FACTS.map((field) => option(field, "fact")),
    ...(keys?.params ?? []).map(({ key }) => option({ entity: "parameter", key }, "parameter")),
    ...(keys?.metrics ?? []).flatMap(({ key }) =>
      AGGREGATES.map((aggregate) => option({ entity: "metric", key, aggregate }, "metric")),
    ),
    ...(keys?.tags ?? []).map(({ key }) => option({ entity: "tag", key }, "tag")),
  ];
}
