"use client";
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import type { Failure } from "@/components/ui/failure";
import { TextArea, TextField } from "@/components/ui/field";
import { FilePicker, UploadProgress } from "@/components/ui/file-picker";
import { formatBytes } from "@/components/ui/format";
import { SelectField } from "@/components/ui/select";
import { MODEL_BYTES_MAX } from "@/server/registry/uploads/constants";
import type { Model } from "./model-page";
import { IMAGES, useVersionUpload, type VersionForm } from "./use-version-upload";

/** Takes an ONNX file or a PyTorch archive as the next version, after the server has checked it. */
export function UploadVersionDialog({ model, onClose }: { model: Model; onClose: () => void }) {
  const form = useId();
  const upload = useVersionUpload(model);
  const [file, setFile] = useState<File | null>(null);
  const [values, setValues] = useState<VersionForm>({
    task: "auto",
    target: model.targetVariable ?? "",
    features: model.features?.join("\n") ?? "",
    images: "none",
    label: "",
    semanticVersion: "",
    alias: "",
  });
  const isSending = upload.progress !== null;
  const problem = file && fileProblem(file);
  const isArchive = file !== null && /\.pt2$/i.test(file.name);
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (open) return;
        upload.cancel();
        onClose();
      }}
      title="Upload a model file"
      description="ONNX or a PyTorch archive (.pt2). It is checked as it will be served, and becomes the next version."
      footer={
        <>
          <Button onClick={() => (isSending ? upload.cancel() : onClose())}>Cancel</Button>
          <Button
            type="submit"
            form={form}
            variant="primary"
            disabled={!file || problem !== null}
            loading={isSending}
          >
            {upload.failure ? "Try again" : "Upload"}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (file && !problem) upload.start(file, values);
        }}
      >
        <FilePicker file={file} onFile={setFile} accept={[".onnx", ".pt2"]} error={problem} />
        {isArchive && <ArchiveNote />}
        <VersionFields
          model={model.id}
          values={values}
          onChange={(changed) => setValues({ ...values, ...changed })}
        />
        {upload.progress !== null && (
          <UploadProgress
            share={upload.progress}
            after={isArchive ? "Sent. Loading it on a Python node…" : "Sent. Checking the graph…"}
          />
        )}
        {upload.failure && <Refusal failure={upload.failure} />}
      </form>
    </Dialog>
  );
}

/** What happens to an archive, and where it may run. */
const ArchiveNote = () => (
  <p className="rounded-lg border p-3 text-13 text-fg-subtle">
    Reading an archive runs code that it may bring along, so a Python node with PyTorch loads it
    behind walls: no other files, no network, no programs. Its tensors become the signature, and it
    has to answer samples of it. It is served by Python nodes only; where none is running, the
    upload is refused.
  </p>
);

const IMAGE_WORDS: Record<keyof typeof IMAGES, string> = {
  none: "As the file says, or none",
  plain: "Pixels from 0 to 255",
  unit: "Pixels from 0 to 1",
  centered: "Pixels from −1 to 1",
  imagenet: "Mean and spread of ImageNet",
};
const IMAGE_CHOICES = Object.keys(IMAGES).map((key) => {
  const value = key as keyof typeof IMAGES;
  return { value, label: IMAGE_WORDS[value] };
});

function fileProblem(file: File): string | null {
  if (!/\.(?:onnx|pt2)$/i.test(file.name))
    return "Only .onnx and .pt2 files are taken, with all weights inside.";
  if (file.size > MODEL_BYTES_MAX) return `Larger than ${formatBytes(MODEL_BYTES_MAX)}.`;
  return null;
}

function VersionFields({
  model,
  values,
  onChange,
}: {
  model: string;
  values: VersionForm;
  onChange: (changed: Partial<VersionForm>) => void;
}) {
  const trpc = useTRPC();
  const known = useQuery(trpc.registry.listSemanticVersions.queryOptions({ model }));
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label="Task"
          value={values.task}
          onChange={(task) => onChange({ task })}
          options={[
            { value: "auto", label: "As the outputs say" },
            { value: "classification", label: "Classification" },
            { value: "regression", label: "Regression" },
          ]}
        />
        <TextField
          label="Target"
          optional
          value={values.target}
          onChange={(target) => onChange({ target })}
        />
      </div>
      <TextArea
        label="Columns"
        optional
        hint="One a line, input by input in the graph’s order. Needed where the graph leaves its width open."
        mono
        value={values.features}
        onChange={(features) => onChange({ features })}
      />
      <SelectField
        label="Images"
        hint="What the model was trained on, where its input is images."
        value={values.images}
        onChange={(images) => onChange({ images })}
        options={IMAGE_CHOICES}
      />
      <div className="grid gap-4 sm:grid-cols-3">
        <TextField
          label="Label"
          optional
          value={values.label}
          onChange={(label) => onChange({ label })}
        />
        <TextField
          label="Semantic version"
          optional
          mono
          autoComplete="off"
          placeholder={known.data?.next.minor ?? "1.0.0"}
          value={values.semanticVersion}
          onChange={(semanticVersion) => onChange({ semanticVersion })}
        />
        <TextField
          label="Alias"
          optional
          mono
          autoComplete="off"
          placeholder="challenger"
          value={values.alias}
          onChange={(alias) => onChange({ alias })}
        />
      </div>
    </>
  );
}

/** Rolls into sight where the form is taller than the screen. */
const Refusal = ({ failure }: { failure: Failure }) => (
  <div
    role="alert"
    ref={(box) => box?.scrollIntoView({ block: "nearest" })}
    className="rounded-lg bg-danger-soft p-3 text-13 text-danger"
  >
    <p className="font-semibold">{failure.title}</p>
    <p>{failure.detail}</p>
    <ul className="list-disc pl-4">
      {Object.entries(failure.fields)
        .filter(([, message]) => !failure.detail.includes(message))
        .map(([field, message]) => (
          <li key={field}>
            {field}: {message}
          </li>
        ))}
    </ul>
  </div>
);
