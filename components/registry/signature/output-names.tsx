"use client";
import { TextField } from "@/components/ui/field";
import type { Signature } from "@/server/protocols/open-inference/codec/signature";
import { renameOutput } from "./signature-draft";

/** Names by which predictions are read; they stay. */
const READ = new Set(["label", "probabilities", "prediction"]);

/** Names of an archive's other outputs, which Open Inference clients get. */
export function OutputNames({
  start,
  signature,
  onChange,
}: {
  /** As it was proposed, of the same outputs. */
  start: Signature;
  signature: Signature;
  onChange: (signature: Signature) => void;
}) {
  const others = start.outputs
    .map(({ name, from }, at) => ({ name, theirs: from?.output ?? name, at }))
    .filter(({ name }) => !READ.has(name));
  if (others.length === 0) return null;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {others.map(({ theirs, at }) => (
        <TextField
          key={theirs}
          label={`Name of ${theirs}`}
          hint="What Open Inference clients call it."
          value={signature.outputs[at]?.name ?? ""}
          onChange={(name) => onChange(renameOutput(signature, at, name))}
          required
        />
      ))}
    </div>
  );
}
