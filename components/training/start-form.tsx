"use client";
import { Allowed } from "@/components/shell/workspace";
import { Button } from "@/components/ui/button";
import { Card, Facts } from "@/components/ui/card";
import { type Failure, toFailure } from "@/components/ui/failure";
import { TextArea, TextField } from "@/components/ui/field";
import { formatCount, formatPercent, humanize } from "@/components/ui/format";
import { NumberField } from "@/components/ui/number-field";
import { ComboboxField, SelectField } from "@/components/ui/select";
import { Segmented } from "@/components/ui/toggles";
import { PRIORITY_MAX } from "@/server/training/constants";
import { AlgorithmPicker } from "./algorithm-picker";
import { HyperparameterFields } from "./hyperparameter-fields";
import { type StartFormProps, type StartFormState, useStart, useStartForm } from "./use-start-form";

const FORM = "start-training";
const NEW = "new";

/** Data, model, algorithm, split: top to bottom, with a summary beside it. */
export function StartForm(props: StartFormProps) {
  const form = useStartForm(props);
  const start = useStart(form);
  const failure = start.error ? toFailure(start.error) : null;
  const errors = failure?.fields ?? {};
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <form
        id={FORM}
        className="min-w-0 space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          start.mutate();
        }}
      >
        <DataSection form={form} datasets={props.datasets} errors={errors} />
        <ModelSection form={form} models={props.models} errors={errors} />
        <Card title="Algorithm">
          <AlgorithmPicker
            algorithms={form.usable}
            value={form.algorithm?.id ?? ""}
            onChange={(algorithm) => void form.setParams({ algorithm })}
          />
        </Card>
        <Card title="Hyperparameters" description="Leave them as they are for a good first result.">
          <HyperparameterFields
            parameters={form.parameters}
            values={form.hyperparameters}
            errors={errors}
            onChange={form.setHyperparameter}
          />
        </Card>
        <SplitSection form={form} limits={props.catalog.limits} errors={errors} />
      </form>
      <Summary form={form} failure={failure} pending={start.isPending} />
    </div>
  );
}

interface SectionProps {
  form: StartFormState;
  errors: Record<string, string>;
}

function DataSection({
  form,
  datasets,
  errors,
}: SectionProps & { datasets: StartFormProps["datasets"] }) {
  return (
    <Card title="Data">
      <div className="grid gap-4 sm:grid-cols-2">
        <ComboboxField
          label="Dataset"
          value={form.datasetId}
          onChange={(dataset) => void form.setParams({ dataset, target: null })}
          options={withChosen(datasets, form.dataset.data).map((dataset) => ({
            value: dataset.id,
            label: `${dataset.name} v${dataset.version}`,
            detail: `${formatCount(dataset.rows)} rows`,
          }))}
          error={errors.datasetId}
        />
        <ComboboxField
          label="Target"
          hint="The column to predict."
          value={form.target?.name ?? null}
          onChange={(target) => void form.setParams({ target })}
          options={form.columns.map((column) => ({
            value: column.name,
            label: column.name,
            detail: `${column.type}, ${formatCount(column.distinct)} values`,
          }))}
          disabled={form.columns.length === 0}
          error={errors.target ?? errors.features}
        />
      </div>
    </Card>
  );
}

/** A link may name a version that the list of newest ones does not hold. */
function withChosen(
  datasets: StartFormProps["datasets"],
  chosen: StartFormProps["datasets"][number] | undefined,
) {
  if (!chosen || datasets.some((one) => one.id === chosen.id)) return datasets;
  return [chosen, ...datasets];
}

function ModelSection({
  form,
  models,
  errors,
}: SectionProps & { models: StartFormProps["models"] }) {
  const trainable = models.filter((m) => m.type === "classification" || m.type === "regression");
  return (
    <Card title="Model">
      <div className="grid gap-4 sm:grid-cols-2">
        <ComboboxField
          label="Add a version to"
          value={form.model?.id ?? NEW}
          onChange={(next) => void form.setParams({ model: next === NEW ? null : next })}
          options={[
            { value: NEW, label: "A new model" },
            ...trainable.map((model) => ({
              value: model.id,
              label: model.name,
              detail: model.type,
            })),
          ]}
          error={errors.model}
        />
        {!form.model && (
          <TextField
            label="Name"
            value={form.newName}
            onChange={(newName) => form.patch({ newName })}
            required
            error={errors.name}
          />
        )}
        <div className="flex flex-col items-start gap-1.5">
          <span className="font-medium text-13">Task</span>
          {form.taskFixed ? (
            <span className="flex h-8 items-center text-13 text-fg-muted">
              {humanize(form.task)}, as the model says
            </span>
          ) : (
            <Segmented
              label="Task"
              value={form.task}
              onChange={(task) => form.patch({ task })}
              choices={[
                { value: "classification", label: "Classification" },
                { value: "regression", label: "Regression" },
              ]}
            />
          )}
        </div>
      </div>
    </Card>
  );
}

function SplitSection({
  form: { draft, patch },
  limits,
  errors,
}: SectionProps & { limits: StartFormProps["catalog"]["limits"] }) {
  return (
    <Card title="Split and queue">
      <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
        <NumberField
          label="Validation share"
          hint="Steers the training."
          value={draft.validationSplit}
          onChange={(value) => patch({ validationSplit: value ?? limits.validationSplit.default })}
          min={limits.validationSplit.min}
          max={limits.validationSplit.max}
          step={0.05}
          error={errors.validationSplit}
        />
        <NumberField
          label="Test share"
          hint="Only measures."
          value={draft.testSplit}
          onChange={(value) => patch({ testSplit: value ?? limits.testSplit.default })}
          min={limits.testSplit.min}
          max={limits.testSplit.max}
          step={0.05}
          error={errors.testSplit}
        />
        <NumberField
          label="Seed"
          hint="The same seed, the same result."
          value={draft.seed}
          onChange={(value) => patch({ seed: value ?? limits.seed.default })}
          min={limits.seed.min}
          max={limits.seed.max}
          step={1}
          error={errors.seed}
        />
        <SelectField
          label="Priority"
          value={String(draft.priority)}
          onChange={(value) => patch({ priority: Number(value) })}
          options={[
            { value: String(PRIORITY_MAX / 10), label: "High", detail: "before others" },
            { value: "0", label: "Normal" },
            { value: String(-PRIORITY_MAX / 10), label: "Low", detail: "after others" },
          ]}
        />
      </div>
      <div className="mt-4 grid gap-4 sm:grid-cols-2">
        <TextField
          label="Version name"
          optional
          placeholder="1.2.0"
          value={draft.version}
          onChange={(version) => patch({ version })}
          error={errors.version}
        />
        <TextArea
          label="Note"
          optional
          rows={1}
          placeholder="What is tried here, and why"
          value={draft.description}
          onChange={(description) => patch({ description })}
        />
      </div>
    </Card>
  );
}

function Summary({
  form,
  failure,
  pending,
}: {
  form: StartFormState;
  failure: Failure | null;
  pending: boolean;
}) {
  const { draft } = form;
  const rows = form.dataset.data?.rows;
  const shareLeft = 1 - draft.validationSplit - draft.testSplit;
  return (
    <Card title="Summary" className="lg:sticky lg:top-4">
      <Facts
        items={[
          { name: "Model", value: form.model?.name ?? `${form.newName} (new)` },
          { name: "Task", value: humanize(form.task) },
          { name: "Algorithm", value: form.algorithm?.label ?? "–" },
          { name: "Target", value: form.target?.name ?? "–" },
          { name: "Features", value: formatCount(Math.max(0, form.columns.length - 1)) },
          {
            name: "Training rows",
            value: rows
              ? `${formatCount(Math.round(rows * shareLeft))} (${formatPercent(shareLeft, 0)})`
              : "–",
          },
        ]}
      />
      {failure && (
        <div role="alert" className="mt-3 rounded-lg bg-danger-soft p-3 text-13 text-danger">
          <p className="font-semibold">{failure.title}</p>
          <p className="break-words">{failure.detail}</p>
        </div>
      )}
      <div className="mt-4">
        <Allowed permission="training:write" explain>
          <Button
            type="submit"
            form={FORM}
            variant="primary"
            size="lg"
            className="w-full"
            loading={pending}
            disabled={!form.target}
          >
            Start training
          </Button>
        </Allowed>
      </div>
    </Card>
  );
}
