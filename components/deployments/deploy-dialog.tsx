"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { toast } from "sonner";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toFailure } from "@/components/ui/failure";
import { TextField } from "@/components/ui/field";
import { humanize } from "@/components/ui/format";
import { NumberField } from "@/components/ui/number-field";
import { SelectField } from "@/components/ui/select";
import {
  ENVIRONMENTS,
  type Environment,
  type ModelRuntime,
  REPLICAS_MAX,
} from "@/server/deployments/constants";
import { planFrom, StrategyFields, useStrategyChoice } from "./strategy-fields";

const FORM = "deploy";
const RUNTIMES: { value: ModelRuntime; label: string; detail: string }[] = [
  { value: "onnx", label: "ONNX, converted and proven equal", detail: "on every node" },
  { value: "native", label: "Its own framework", detail: "on Python nodes" },
];
const NEW = "new";

interface DeployDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  model: { id: string; name: string };
  version: { id: string; number: number };
  /** Whether MLflow logged it in a form that a Python node runs as it is. */
  isNative?: boolean;
}

/** Gives a version to a new or an existing endpoint. */
export function DeployDialog({ open, onOpenChange, model, version, isNative }: DeployDialogProps) {
  const trpc = useTRPC();
  const router = useRouter();
  const { path } = useWorkspace();
  const existing = useQuery({
    ...trpc.deployments.list.queryOptions({ model: model.id, limit: 100 }),
    enabled: open,
  });
  const [target, setTarget] = useState(NEW);
  const [name, setName] = useState(() => endpointName(model.name));
  const [environment, setEnvironment] = useState<Environment>("production");
  const [replicas, setReplicas] = useState<number | null>(1);
  const [runtime, setRuntime] = useState<ModelRuntime>("onnx");
  const deploy = useMutation(
    trpc.deployments.deploy.mutationOptions({
      onSuccess: ({ deploymentId }) => {
        toast.success(`v${version.number} is being rolled out`);
        router.push(path("deployments", deploymentId));
      },
    }),
  );
  const endpoint = existing.data?.items.find((item) => item.id === target);
  // Where nothing answers yet there is nothing to compare with.
  const isReplacing = Boolean(endpoint?.activeVersion);
  const [choice, setChoice] = useStrategyChoice(endpoint?.environment === "production");
  const failure = deploy.error ? toFailure(deploy.error) : null;
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Deploy ${model.name} v${version.number}`}
      description="The version is loaded and warmed up before it gets any traffic."
      width="sm"
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button type="submit" form={FORM} variant="primary" loading={deploy.isPending}>
            Deploy
          </Button>
        </>
      }
    >
      <form
        id={FORM}
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          deploy.mutate({
            model: model.id,
            versionId: version.id,
            name: endpoint?.name ?? name,
            environment: endpoint?.environment ?? environment,
            ...(isNative && { runtime }),
            ...(!endpoint && { minReplicas: replicas ?? 1, maxReplicas: replicas ?? 1 }),
            ...(isReplacing && {
              strategy: choice.strategy,
              plan: planFrom(choice),
              ...(choice.comment.trim() && { comment: choice.comment.trim() }),
            }),
          });
        }}
      >
        {existing.data && existing.data.items.length > 0 && (
          <SelectField
            label="Endpoint"
            value={target}
            onChange={setTarget}
            hint={endpoint && "No request fails while the version changes."}
            options={[
              { value: NEW, label: "A new endpoint" },
              ...existing.data.items.map((item) => ({
                value: item.id,
                label: item.name,
                detail: `${item.environment}, v${item.activeVersion?.versionNumber ?? "–"}`,
              })),
            ]}
          />
        )}
        {!endpoint && (
          <>
            <TextField
              label="Name"
              hint="Part of its address."
              value={name}
              onChange={setName}
              required
              error={failure?.fields.name}
            />
            <SelectField
              label="Environment"
              value={environment}
              onChange={setEnvironment}
              options={ENVIRONMENTS.map((value) => ({ value, label: humanize(value) }))}
            />
            <NumberField
              label="Replicas"
              hint="Inference nodes that hold the version."
              value={replicas}
              onChange={setReplicas}
              min={1}
              max={REPLICAS_MAX}
              step={1}
            />
          </>
        )}
        {isNative && (
          <SelectField
            label="Runs as"
            value={runtime}
            onChange={setRuntime}
            hint="A version keeps the form it is first deployed in."
            options={RUNTIMES}
          />
        )}
        {isReplacing && (
          <StrategyFields choice={choice} onChange={setChoice} replicas={endpoint?.replicas ?? 1} />
        )}
        {failure && !failure.fields.name && (
          <p role="alert" className="rounded-lg bg-danger-soft p-3 text-13 text-danger">
            {failure.detail}
          </p>
        )}
      </form>
    </Dialog>
  );
}

/** A model name as part of an address: "Breast cancer" → "breast-cancer". */
function endpointName(modelName: string): string {
  return modelName
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replaceAll(/^[^a-z0-9]+|-+$/g, "")
    .slice(0, 128);
}
