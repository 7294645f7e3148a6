"use client";
import { useDatasetOptions } from "@/components/registry/use-datasets";
import { toFailure } from "@/components/ui/failure";
import { FormDialog } from "@/components/ui/form-dialog";
import { ComboboxField } from "@/components/ui/select";
import { ResultFields } from "./result-fields";
import { TargetFields } from "./target-fields";
import { useBatchForm } from "./use-batch-form";

/** Asks for a new job; a link or another job may have chosen some of it. */
export function NewBatchJob({
  onClose,
  ...chosen
}: {
  deployment: string | null;
  dataset: string | null;
  like: string | null;
  onClose: () => void;
}) {
  const { form, edit, isReady, isLoading, send, create } = useBatchForm(chosen);
  const datasets = useDatasetOptions();
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="New batch job"
      description="Predicts every row of a dataset in the background."
      width="md"
      submitLabel="Start"
      pending={create.isPending}
      disabled={!isReady || isLoading}
      problem={create.error ? toFailure(create.error).detail : null}
      onSubmit={send}
    >
      <TargetFields form={form} edit={edit} />
      <ComboboxField
        label="Dataset"
        hint="With a column for each feature of the model, by its name."
        value={form.dataset}
        onChange={(dataset) => edit({ dataset, columns: [] })}
        options={datasets}
        placeholder="Type to search"
      />
      <ResultFields form={form} edit={edit} />
    </FormDialog>
  );
}
