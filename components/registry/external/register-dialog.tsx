"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { toast } from "sonner";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toFailure } from "@/components/ui/failure";
import type { Model } from "../model-page";
import { SignatureCard } from "../signature/signature-card";
import { CheckResult } from "./check-result";
import { EMPTY_TARGET, TargetForm, toTarget } from "./target-form";

const FORM = "register-external";

/** Registers a model on another server: first it is looked at, then what was found is registered. */
export function RegisterExternalDialog({ model, onClose }: { model: Model; onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const router = useRouter();
  const { path } = useWorkspace();
  const [values, setValues] = useState({
    ...EMPTY_TARGET,
    features: model.features?.join("\n") ?? "",
    target: model.targetVariable ?? "",
  });
  const check = useMutation(trpc.registry.checkExternalModel.mutationOptions());
  const register = useMutation(
    trpc.registry.registerExternal.mutationOptions({
      onSuccess: ({ number }) => {
        void queryClient.invalidateQueries({ queryKey: trpc.registry.pathKey() });
        toast.success(`v${number} is registered`);
        router.push(path("registry", model.id, "versions", number));
      },
    }),
  );
  const found = check.data;
  const isGood = found !== undefined && found.error === null;
  const error = register.error ?? check.error;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const target = { model: model.id, ...toTarget(values) };
    if (isGood) register.mutate({ ...target, label: values.label.trim() || null });
    else check.mutate(target);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Register an external model"
      description="A model on a server that speaks the Open Inference Protocol: Triton, KServe, MLServer. It is deployed like any other version."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={FORM}
            variant="primary"
            loading={check.isPending || register.isPending || register.isSuccess}
          >
            {isGood ? "Register" : found ? "Check again" : "Check"}
          </Button>
        </>
      }
    >
      <form id={FORM} className="space-y-4" onSubmit={submit}>
        <TargetForm
          values={values}
          onChange={(next) => {
            setValues(next);
            // What was found was found under the earlier words; a label changes nothing.
            if (next.label === values.label) check.reset();
            register.reset();
          }}
        />
        <div aria-live="polite" className="space-y-3">
          {found && <CheckResult check={found} />}
          {error && (
            <p role="alert" className="rounded-lg bg-danger-soft p-3 text-13 text-danger">
              {toFailure(error).detail}
            </p>
          )}
        </div>
        {found && <SignatureCard signature={found.signature} />}
      </form>
    </Dialog>
  );
}
