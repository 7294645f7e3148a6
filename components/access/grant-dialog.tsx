"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toFailure } from "@/components/ui/failure";
import { humanize } from "@/components/ui/format";
import { withdrawUndo } from "@/components/ui/offer-undo";
import { ComboboxField, SelectField } from "@/components/ui/select";
import { Segmented } from "@/components/ui/toggles";
import { GRANT_ACTIONS, GRANT_ENVIRONMENTS } from "@/server/access/constants";
import { ACTION_WORDS, type Grant } from "./group-grants";
import { type GranteeType, useGrantees, useModelNames } from "./use-grantees";

const FORM = "grant";
const MODELS_SHOWN = 200;
const KINDS: { value: GranteeType; label: string }[] = [
  { value: "user", label: "Person" },
  { value: "role", label: "Role" },
  { value: "api_key", label: "API key" },
];

function useGrantForm(initialModel: string) {
  const [on, setOn] = useState<"environment" | "model">(initialModel ? "model" : "environment");
  const [environment, setEnvironment] = useState<(typeof GRANT_ENVIRONMENTS)[number]>("production");
  const [modelId, setModelId] = useState<string | null>(initialModel || null);
  const [action, setAction] = useState<(typeof GRANT_ACTIONS)[number]>("write");
  const [granteeType, setType] = useState<GranteeType>("user");
  const [grantee, setGrantee] = useState<string | null>(null);
  const setGranteeType = (next: GranteeType) => {
    setType(next);
    setGrantee(null);
  };
  const subject =
    on === "environment"
      ? { environment, modelId: null, action: "deploy" as const }
      : { environment: null, modelId, action };
  return {
    ...{ on, setOn, environment, setEnvironment, modelId, setModelId, action, setAction },
    ...{ granteeType, setGranteeType, grantee, setGrantee, subject },
  };
}
type Form = ReturnType<typeof useGrantForm>;

/** Names one more person, role or key for an environment or a model. */
export function GrantDialog({
  grants,
  modelId,
  onClose,
}: {
  grants: Grant[];
  modelId: string;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const form = useGrantForm(modelId);
  const { subject, granteeType, grantee } = form;
  const add = useMutation(
    trpc.access.createGrant.mutationOptions({ onMutate: withdrawUndo, onSuccess: onClose }),
  );
  const failure = add.error ? toFailure(add.error) : null;
  const ready = grantee !== null && (subject.environment !== null || subject.modelId !== null);
  const first = !grants.some(
    (grant) =>
      grant.environment === subject.environment &&
      grant.modelId === subject.modelId &&
      grant.action === subject.action,
  );
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Add a grant"
      description="The role must allow it, too: a grant never widens what somebody may do."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={FORM}
            variant="primary"
            disabled={!ready}
            loading={add.isPending}
          >
            Add
          </Button>
        </>
      }
    >
      <form
        id={FORM}
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (grantee !== null) add.mutate({ ...subject, granteeType, grantee });
        }}
      >
        <SubjectFields form={form} />
        <GranteeFields form={form} />
        {first && (
          <p className="rounded-lg bg-warning-soft p-3 text-13 text-warning">
            This is its first grant: from then on only those named and administrators may{" "}
            {ACTION_WORDS[subject.action]} here.
          </p>
        )}
        {failure && (
          <p role="alert" className="text-13 text-danger">
            {failure.detail}
          </p>
        )}
      </form>
    </Dialog>
  );
}

function SubjectFields({ form }: { form: Form }) {
  const trpc = useTRPC();
  const models = useQuery({
    ...trpc.registry.listModels.queryOptions({ limit: MODELS_SHOWN, sort: "name", order: "asc" }),
    enabled: form.on === "model",
  });
  const listed = (models.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }));
  // A page may send a model that the list does not reach.
  const missing =
    form.modelId && !listed.some((one) => one.value === form.modelId) ? [form.modelId] : [];
  const sent = [...useModelNames(missing)].map(([value, label]) => ({ value, label }));
  return (
    <div className="space-y-3">
      <Segmented
        label="Subject"
        value={form.on}
        onChange={form.setOn}
        choices={[
          { value: "environment", label: "An environment" },
          { value: "model", label: "A model" },
        ]}
      />
      {form.on === "environment" ? (
        <SelectField
          label="May deploy to"
          value={form.environment}
          onChange={form.setEnvironment}
          options={GRANT_ENVIRONMENTS.map((value) => ({ value, label: humanize(value) }))}
        />
      ) : (
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField
            label="May"
            value={form.action}
            onChange={form.setAction}
            options={GRANT_ACTIONS.map((value) => ({
              value,
              label: humanize(ACTION_WORDS[value]),
            }))}
          />
          <ComboboxField
            label="Model"
            value={form.modelId}
            onChange={form.setModelId}
            placeholder="Type to search"
            hint={models.data?.nextCursor ? `The first ${MODELS_SHOWN} by name.` : undefined}
            options={[...sent, ...listed]}
          />
        </div>
      )}
    </div>
  );
}

function GranteeFields({ form }: { form: Form }) {
  const options = useGrantees()[form.granteeType];
  const kind = KINDS.find((one) => one.value === form.granteeType);
  return (
    <div className="space-y-3">
      <Segmented
        label="Kind of grantee"
        value={form.granteeType}
        onChange={form.setGranteeType}
        choices={KINDS}
      />
      <ComboboxField
        key={form.granteeType}
        label={kind?.label}
        value={form.grantee}
        onChange={form.setGrantee}
        placeholder="Type to search"
        options={options}
      />
    </div>
  );
}
