"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "@/components/trpc/client";
import { NumberField } from "@/components/ui/number-field";
import { SelectField } from "@/components/ui/select";
import { Checkbox } from "@/components/ui/toggles";
import { MAX_ERRORS_MAX } from "@/server/predictions/jobs/constants";
import type { BatchForm } from "./use-batch-form";

/** Columns offered one by one; a wider table is taken whole or not at all. */
const COLUMNS_OFFERED = 300;

interface FieldsProps {
  form: BatchForm;
  edit: (change: Partial<BatchForm>) => void;
}

/** What the result holds and what rows without an answer do. */
export function ResultFields({ form, edit }: FieldsProps) {
  return (
    <>
      <SelectField
        label="Columns of the dataset in the result"
        hint="The number of each row is always there."
        value={form.repeat}
        onChange={(repeat) => edit({ repeat })}
        options={[
          { value: "none" as const, label: "None" },
          { value: "all" as const, label: "All of them" },
          { value: "chosen" as const, label: "Some of them" },
        ]}
      />
      {form.repeat === "chosen" && form.dataset !== null && (
        <ColumnChoice form={form} edit={edit} dataset={form.dataset} />
      )}
      <Checkbox
        label="A column for the probability of each class"
        checked={form.probabilities}
        onChange={(probabilities) => edit({ probabilities })}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label="A row without an answer"
          value={form.onError}
          onChange={(onError) => edit({ onError })}
          options={[
            { value: "skip" as const, label: "Keeps the reason" },
            { value: "fail" as const, label: "Ends the job" },
          ]}
        />
        {form.onError === "skip" && (
          <NumberField
            label="Such rows at most"
            hint="More fail the job."
            placeholder="1 %, or 100"
            value={form.maxErrors}
            onChange={(maxErrors) => edit({ maxErrors })}
            min={0}
            max={MAX_ERRORS_MAX}
            step={1}
          />
        )}
      </div>
    </>
  );
}

function ColumnChoice({ form, edit, dataset }: FieldsProps & { dataset: string }) {
  const trpc = useTRPC();
  const found = useQuery(trpc.datasets.get.queryOptions({ dataset }));
  const names = (found.data?.columns ?? []).map(({ name }) => name).slice(0, COLUMNS_OFFERED);
  const toggle = (name: string, on: boolean) =>
    edit({ columns: on ? [...form.columns, name] : form.columns.filter((one) => one !== name) });
  return (
    <fieldset>
      <legend className="mb-1.5 font-medium text-13">Columns</legend>
      <ul className="grid max-h-48 grid-cols-2 gap-x-4 overflow-y-auto rounded-md border p-2">
        {names.map((name) => (
          <li key={name} className="min-w-0 truncate">
            <Checkbox
              label={name}
              checked={form.columns.includes(name)}
              onChange={(on) => toggle(name, on)}
            />
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
