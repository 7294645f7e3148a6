"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { toFailure } from "@/components/ui/failure";
import { Field } from "@/components/ui/field";
import { FormDialog } from "@/components/ui/form-dialog";
import { NumberField } from "@/components/ui/number-field";
import { Segmented } from "@/components/ui/toggles";
import { REPLICAS_MAX } from "@/server/deployments/constants";
import type { ScalingDto } from "@/server/deployments/scaling/schemas";

/** Sets how many nodes hold a deployment's versions: a number, or bounds and a target to follow. */
export function ScaleButton({ deployment }: { deployment: string }) {
  const trpc = useTRPC();
  const [open, setOpen] = useState(false);
  const scaling = useQuery(
    trpc.deployments.scaling.queryOptions({ deployment, rangeMinutes: 60 }, { enabled: open }),
  );
  return (
    <>
      <Button size="sm" onClick={() => setOpen(true)}>
        Scale
      </Button>
      {open && scaling.data && (
        <ScaleDialog
          deployment={deployment}
          current={scaling.data}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

type Mode = "manual" | "automatic";

interface Choice {
  mode: Mode;
  replicas: number | null;
  min: number | null;
  max: number | null;
  metric: ScalingDto["metric"];
  target: number | null;
}

const choiceOf = ({ isAutoscaled, wanted, min, max, metric, target }: ScalingDto): Choice => ({
  mode: isAutoscaled ? "automatic" : "manual",
  replicas: Math.max(1, wanted),
  min,
  max: isAutoscaled ? max : Math.max(4, max),
  metric,
  target,
});

function ScaleDialog({
  deployment,
  current,
  onClose,
}: {
  deployment: string;
  current: ScalingDto;
  onClose: () => void;
}) {
  const [choice, setChoice] = useState(() => choiceOf(current));
  const { submit, pending, error } = useScale(deployment, onClose);
  const { mode, replicas, min, max, target } = choice;
  const isWhole =
    mode === "manual" ? replicas !== null : min !== null && max !== null && target !== null;
  const failure = error ? toFailure(error) : undefined;
  const set = (change: Partial<Choice>) => setChoice((before) => ({ ...before, ...change }));
  return (
    <FormDialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title="Scale this deployment"
      description="How many nodes hold its versions. New replicas answer once they are loaded."
      submitLabel="Scale"
      pending={pending}
      disabled={!isWhole}
      problem={failure && Object.keys(failure.fields).length === 0 ? failure.detail : undefined}
      onSubmit={() => submit(choice)}
    >
      <Segmented
        label="Replicas are set"
        value={mode}
        onChange={(next) => set({ mode: next })}
        choices={[
          { value: "manual", label: "By hand" },
          { value: "automatic", label: "By load" },
        ]}
      />
      {mode === "manual" ? (
        <NumberField
          label="Replicas"
          hint={current.isAutoscaled ? "It no longer follows its load then." : undefined}
          value={replicas}
          onChange={(next) => set({ replicas: next })}
          min={1}
          max={REPLICAS_MAX}
          step={1}
        />
      ) : (
        <AutomaticFields choice={choice} set={set} errors={failure?.fields ?? {}} />
      )}
    </FormDialog>
  );
}

function AutomaticFields({
  choice,
  set,
  errors,
}: {
  choice: Choice;
  set: (change: Partial<Choice>) => void;
  errors: Record<string, string>;
}) {
  const { min, max, metric, target } = choice;
  const unit = metric === "rps" ? "Requests a second" : "Requests at once";
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <NumberField
          label="At least"
          hint="0 lets it rest without requests."
          value={min}
          onChange={(next) => set({ min: next })}
          error={errors["scaling.minReplicas"]}
          min={0}
          max={REPLICAS_MAX}
          step={1}
        />
        <NumberField
          label="At most"
          value={max}
          onChange={(next) => set({ max: next })}
          error={errors["scaling.maxReplicas"]}
          min={1}
          max={REPLICAS_MAX}
          step={1}
        />
      </div>
      <Field label="Load is counted in">
        <span>
          <Segmented
            label="Load is counted in"
            value={metric}
            onChange={(next) => set({ metric: next })}
            choices={[
              { value: "concurrency", label: "Requests at once" },
              { value: "rps", label: "Requests a second" },
            ]}
          />
        </span>
      </Field>
      <NumberField
        label={`${unit} a replica takes`}
        hint="70% of it is aimed at; the rest is room for what comes suddenly."
        value={target}
        onChange={(next) => set({ target: next })}
        error={errors["scaling.target"]}
        min={0.1}
        max={1_000_000}
        step="any"
      />
      {min === 0 && (
        <p className="rounded-lg bg-muted p-3 text-13 text-fg-muted">
          Without requests for some minutes its versions leave the nodes; the next request waits
          until they are back. The settings say after how many, and for how long.
        </p>
      )}
    </>
  );
}

/** Bounds go into the settings; a number is set by hand. */
function useScale(deployment: string, onDone: () => void) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const onSuccess = () => {
    void queryClient.invalidateQueries({ queryKey: trpc.deployments.pathKey() });
    toast.success("Saved. Nodes follow within seconds.");
    onDone();
  };
  const byHand = useMutation(trpc.deployments.scale.mutationOptions({ onSuccess }));
  const byLoad = useMutation(trpc.deployments.updateSettings.mutationOptions({ onSuccess }));
  return {
    pending: byHand.isPending || byLoad.isPending,
    error: byHand.error ?? byLoad.error,
    submit: ({ mode, replicas, min, max, metric, target }: Choice) => {
      byHand.reset();
      byLoad.reset();
      if (mode === "manual") {
        if (replicas !== null) byHand.mutate({ deployment, replicas });
        return;
      }
      const scaling = { isEnabled: true, minReplicas: min, maxReplicas: max, metric, target };
      byLoad.mutate({ deployment, scaling });
    },
  };
}
