"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import type { ModelVersion, Outputs } from "@/components/trpc/outputs";
import { toFailure } from "@/components/ui/failure";
import { TextArea, TextField } from "@/components/ui/field";
import { FormDialog } from "@/components/ui/form-dialog";
import { Checkbox } from "@/components/ui/toggles";
import type { Signature } from "@/server/protocols/open-inference/codec/signature";
import { FeatureRows } from "./feature-rows";
import { ImageFields } from "./image-fields";
import { OutputNames } from "./output-names";
import { changeFeature, doubleName, readClasses } from "./signature-draft";

type Proposal = Outputs["registry"]["proposeSignature"];

/** Changes what a version takes and gives, or says it first; the server has its file answer to it. */
export function SignatureDialog({
  version,
  start,
  proposal,
  isArchive,
  onClose,
}: {
  version: ModelVersion;
  start: Signature;
  /** Set where the version has no signature yet. */
  proposal?: Pick<Proposal, "outputs" | "assumptions">;
  /** Whether the file is a PyTorch archive, whose outputs may be named as one likes. */
  isArchive?: boolean;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [signature, setSignature] = useState(start);
  const [classes, setClasses] = useState((start.classes ?? []).join("\n"));
  const [note, setNote] = useState("");
  const [acceptBreaking, setAcceptBreaking] = useState(false);
  const save = useMutation(
    trpc.registry.setSignature.mutationOptions({
      onSuccess: () => {
        void queryClient.invalidateQueries({ queryKey: trpc.registry.pathKey() });
        toast.success("The signature is saved");
        onClose();
      },
    }),
  );
  const failure = save.error ? toFailure(save.error) : null;
  const isBreaking = failure?.detail.includes("acceptBreaking") ?? false;
  const twice = doubleName(signature);
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      width="lg"
      title={
        proposal ? `Signature of v${version.number}` : `Change the signature of v${version.number}`
      }
      description="The file is loaded as a node does, and must answer to it. Running deployments follow at once."
      submitLabel="Save"
      pending={save.isPending}
      disabled={twice !== null}
      problem={twice === null ? failure?.detail : `Two features are called ${twice}.`}
      onSubmit={() =>
        save.mutate({
          model: version.modelId,
          version: version.id,
          signature: signature.classes
            ? { ...signature, classes: readClasses(classes, start.classes ?? []) }
            : signature,
          ...(proposal?.outputs ? { outputs: proposal.outputs } : {}),
          note,
          acceptBreaking,
          baseRevision: version.signatureRevision,
        })
      }
    >
      {proposal && proposal.assumptions.length > 0 && (
        <div className="rounded-lg bg-warning-soft p-3 text-13 text-warning">
          <p className="font-semibold">The graph does not say everything. Assumed is:</p>
          <ul className="list-disc pl-4">
            {proposal.assumptions.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </div>
      )}
      <FeatureRows
        signature={signature}
        onChange={(at, changes) => setSignature((now) => changeFeature(now, at, changes))}
      />
      {signature.inputs.map(
        (input, at) =>
          input.image && (
            <ImageFields
              key={input.name}
              name={input.name}
              image={input.image}
              onChange={(image) =>
                setSignature((now) => ({
                  ...now,
                  inputs: now.inputs.map((one, place) => (place === at ? { ...one, image } : one)),
                }))
              }
            />
          ),
      )}
      {isArchive && <OutputNames start={start} signature={signature} onChange={setSignature} />}
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label="Target"
          value={signature.target.name}
          onChange={(name) => setSignature((now) => ({ ...now, target: { ...now.target, name } }))}
        />
        <TextField
          label="Why"
          optional
          value={note}
          onChange={setNote}
          hint="Stays with the revision."
        />
      </div>
      {signature.classes && (
        <TextArea
          label="Classes"
          hint={`One a line, in the order of the model’s ${signature.classes.length} outputs.`}
          value={classes}
          onChange={setClasses}
          rows={Math.min(8, signature.classes.length + 1)}
        />
      )}
      {(isBreaking || acceptBreaking) && (
        <Checkbox
          label="This is meant: callers of running deployments know of it"
          checked={acceptBreaking}
          onChange={setAcceptBreaking}
        />
      )}
    </FormDialog>
  );
}
