"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toFailure } from "@/components/ui/failure";
import { TextArea } from "@/components/ui/field";
import { SelectField } from "@/components/ui/select";
import { Switch } from "@/components/ui/toggles";
import { gateTitle } from "@/server/registry/gates/schemas";
import { reviewersText } from "./stage-words";
import { type Stage, stageName, useStages } from "./use-stages";

const FORM = "request-stage";

export interface MovedVersion {
  id: string;
  modelId: string;
  number: number;
  stage: string;
}

/** Moves a version to another stage, or asks for it where the stage wants approval. */
export function RequestStageDialog({
  version,
  to,
  onClose,
}: {
  version: MovedVersion;
  /** Key of the stage that was aimed at; empty to choose here. */
  to: string;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const stages = useStages();
  const others = stages.filter((stage) => stage.key !== version.stage);
  const [chosen, setChosen] = useState(to);
  const target = others.find((stage) => stage.key === chosen);
  const [comment, setComment] = useState("");
  const [archive, setArchive] = useState<boolean | null>(null);
  const request = useMutation(
    trpc.registry.requestStage.mutationOptions({
      onSuccess: ({ outcome }) => {
        void queryClient.invalidateQueries({ queryKey: trpc.registry.pathKey() });
        const name = stageName(stages, chosen);
        toast.success(
          outcome === "pending"
            ? `v${version.number} waits to enter ${name}`
            : `v${version.number} is in ${name}`,
        );
        onClose();
      },
    }),
  );
  const archivePrevious = archive ?? target?.archivesPrevious ?? false;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      width="sm"
      title={`Move v${version.number}`}
      description={`It is in ${stageName(stages, version.stage)} now.`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={FORM}
            variant="primary"
            disabled={!target}
            loading={request.isPending}
          >
            {target?.needsApproval ? "Request approval" : "Move"}
          </Button>
        </>
      }
    >
      <form
        id={FORM}
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          const { modelId: model, id } = version;
          request.mutate({ model, version: id, stage: chosen, comment, archivePrevious });
        }}
      >
        <SelectField
          label="To"
          value={target ? chosen : null}
          onChange={setChosen}
          options={others.map((stage) => ({
            value: stage.key,
            label: stage.name,
            ...(stage.needsApproval && { detail: "needs approval" }),
          }))}
        />
        {target && <Rules stage={target} />}
        <TextArea label="Comment" optional value={comment} onChange={setComment} />
        <Switch
          label="Archive versions that are in it"
          checked={archivePrevious}
          onChange={setArchive}
        />
        {request.error && (
          <p role="alert" className="rounded-lg bg-danger-soft p-3 text-13 text-danger">
            {toFailure(request.error).detail}
          </p>
        )}
      </form>
    </Dialog>
  );
}

/** What stands between a version and a stage. */
function Rules({ stage }: { stage: Stage }) {
  if (!stage.needsApproval && stage.gates.length === 0) {
    return <p className="text-fg-subtle text-xs">It moves at once: no approval, no gates.</p>;
  }
  return (
    <div className="rounded-lg bg-muted p-3 text-13 text-fg-muted">
      <p>
        {stage.needsApproval
          ? `Needs ${reviewersText(stage.reviewers)}.`
          : "Moves as soon as its gates pass."}
      </p>
      {stage.gates.length > 0 && (
        <ul className="mt-1 list-disc pl-5">
          {stage.gates.map((gate) => (
            <li key={JSON.stringify(gate)}>{gateTitle(gate)}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
