"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "@/components/trpc/client";
import { ComboboxField } from "@/components/ui/select";
import { Segmented } from "@/components/ui/toggles";
import type { BatchForm } from "./use-batch-form";

const OFFERED_MAX = 200;

/** Whose version predicts: a deployment's, or one that is named. */
export function TargetFields({
  form,
  edit,
}: {
  form: BatchForm;
  edit: (change: Partial<BatchForm>) => void;
}) {
  return (
    <>
      <Segmented
        label="What predicts"
        value={form.by}
        onChange={(by) => edit({ by })}
        choices={[
          { value: "deployment", label: "Deployment" },
          { value: "version", label: "Model version" },
        ]}
      />
      {form.by === "deployment" ? (
        <DeploymentField form={form} edit={edit} />
      ) : (
        <VersionFields form={form} edit={edit} />
      )}
    </>
  );
}

type FieldsProps = Parameters<typeof TargetFields>[0];

function DeploymentField({ form, edit }: FieldsProps) {
  const trpc = useTRPC();
  const found = useQuery(trpc.deployments.list.queryOptions({ limit: OFFERED_MAX }));
  return (
    <ComboboxField
      label="Deployment"
      hint="The version with most of its traffic now; later changes do not touch the job."
      value={form.deployment}
      onChange={(deployment) => edit({ deployment })}
      placeholder="Type to search"
      options={(found.data?.items ?? []).map((one) => ({
        value: one.id,
        label: one.name,
        detail: one.activeVersion
          ? `${one.modelName} v${one.activeVersion.versionNumber}`
          : "serves nothing",
      }))}
    />
  );
}

function VersionFields({ form, edit }: FieldsProps) {
  const trpc = useTRPC();
  const models = useQuery(trpc.registry.listModels.queryOptions({ limit: OFFERED_MAX }));
  const versions = useQuery({
    ...trpc.registry.listVersions.queryOptions({ model: form.model ?? "", limit: OFFERED_MAX }),
    enabled: form.model !== null,
  });
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <ComboboxField
        label="Model"
        value={form.model}
        onChange={(model) => edit({ model, version: null })}
        placeholder="Type to search"
        options={(models.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
      />
      <ComboboxField
        label="Version"
        value={form.version}
        onChange={(version) => edit({ version })}
        disabled={form.model === null}
        placeholder="Choose"
        options={(versions.data?.items ?? []).map((one) => ({
          value: String(one.number),
          label: `v${one.number}`,
          detail: one.label ?? undefined,
        }))}
      />
    </div>
  );
}
