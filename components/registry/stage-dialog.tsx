"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toFailure } from "@/components/ui/failure";
import { TextField } from "@/components/ui/field";
import { humanize } from "@/components/ui/format";
import { NumberField } from "@/components/ui/number-field";
import { SelectField } from "@/components/ui/select";
import { Switch } from "@/components/ui/toggles";
import { MLFLOW_STAGES, REQUEST_DAYS_MAX, STAGE_COLORS } from "@/server/registry/stages/constants";
import { GateEditor } from "./gate-editor";
import { ReviewerFields } from "./reviewer-fields";
import type { Stage } from "./use-stages";

const FORM = "stage";

type Draft = Omit<Stage, "versionCount">;

const NEW: Draft = {
  ...{ key: "", name: "", description: "", color: "violet", serving: false },
  ...{ needsApproval: false, reviewers: { count: 1, roles: [], people: [] }, gates: [] },
  ...{ archivesPrevious: false, mlflowStage: "None", requestDays: 14 },
};

const toKey = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^[^a-z]+|-+$/g, "")
    .slice(0, 40);

/** Makes a stage or changes one; its key stays, for versions hold it. */
export function StageDialog({ stage, onClose }: { stage: Stage | null; onClose: () => void }) {
  const trpc = useTRPC();
  const [draft, setDraft] = useState<Draft>(stage ?? NEW);
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const create = useMutation(trpc.registry.createStage.mutationOptions({ onSuccess: onClose }));
  const update = useMutation(trpc.registry.updateStage.mutationOptions({ onSuccess: onClose }));
  const active = stage ? update : create;
  const failure = active.error ? toFailure(active.error) : null;
  const submit = () => {
    const { key, versionCount: _count, ...settings } = draft as Stage;
    if (stage) update.mutate({ stage: key, ...settings });
    else create.mutate({ key: key || toKey(draft.name), ...settings });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      width="lg"
      title={stage ? `Edit ${stage.name}` : "Add a stage"}
      description="Open requests follow the new rules at once."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={FORM} variant="primary" loading={active.isPending}>
            {stage ? "Save" : "Add"}
          </Button>
        </>
      }
    >
      <form
        id={FORM}
        className="space-y-5"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Basics draft={draft} change={change} isNew={!stage} fields={failure?.fields ?? {}} />
        <fieldset className="space-y-3 border-t pt-4">
          <legend className="sr-only">Approval</legend>
          <Switch
            label="Entering it needs approval"
            checked={draft.needsApproval}
            onChange={(needsApproval) => change({ needsApproval })}
          />
          {draft.needsApproval && (
            <ReviewerFields
              reviewers={draft.reviewers}
              onChange={(reviewers) => change({ reviewers })}
            />
          )}
        </fieldset>
        <GateEditor
          gates={draft.gates}
          ownKey={draft.key}
          onChange={(gates) => change({ gates })}
        />
        {failure && !failure.fields.name && !failure.fields.key && (
          <p role="alert" className="rounded-lg bg-danger-soft p-3 text-13 text-danger">
            {failure.detail}
          </p>
        )}
      </form>
    </Dialog>
  );
}

function Basics({
  draft,
  change,
  isNew,
  fields,
}: {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  isNew: boolean;
  fields: Record<string, string>;
}) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField
        label="Name"
        value={draft.name}
        onChange={(name) => change({ name })}
        required
        error={fields.name}
      />
      <TextField
        label="Key"
        hint={isNew ? "What versions and the API hold." : "It stays: versions hold it."}
        mono
        optional={isNew}
        disabled={!isNew}
        placeholder={toKey(draft.name)}
        value={draft.key}
        onChange={(key) => change({ key })}
        error={fields.key}
      />
      <TextField
        label="Description"
        optional
        value={draft.description}
        onChange={(description) => change({ description })}
        className="sm:col-span-2"
      />
      <SelectField
        label="Color"
        value={draft.color}
        onChange={(color) => change({ color })}
        options={STAGE_COLORS.map((value) => ({ value, label: humanize(value) }))}
      />
      <SelectField
        label="What MLflow clients see"
        value={draft.mlflowStage}
        onChange={(mlflowStage) => change({ mlflowStage })}
        options={MLFLOW_STAGES.map((value) => ({ value, label: value }))}
      />
      <NumberField
        label="Days a request stays open"
        value={draft.requestDays}
        onChange={(days) => change({ requestDays: days ?? 14 })}
        min={1}
        max={REQUEST_DAYS_MAX}
        step={1}
      />
      <div className="flex flex-col justify-end gap-1.5">
        <Switch
          label="Versions in it answer real traffic"
          checked={draft.serving}
          onChange={(serving) => change({ serving })}
        />
        <Switch
          label="Archive versions that were in it before"
          checked={draft.archivesPrevious}
          onChange={(archivesPrevious) => change({ archivesPrevious })}
        />
      </div>
    </div>
  );
}
