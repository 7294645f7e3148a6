"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import { toast } from "sonner";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC, WORKSPACE_HEADER } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toFailure } from "@/components/ui/failure";
import { TextArea, TextField } from "@/components/ui/field";
import { formatBytes } from "@/components/ui/format";
import { SelectField } from "@/components/ui/select";
import { MODEL_BYTES_MAX } from "@/server/registry/uploads/constants";
import type { Model } from "./model-page";

const FORM = "upload-version";

interface Values {
  file: File;
  task: "auto" | "classification" | "regression";
  target: string;
  features: string;
  label: string;
}

/** The form as the route takes it; what is empty is left to the graph. */
function toForm({ file, task, target, features, label }: Values): FormData {
  const form = new FormData();
  const names = features.split(/[\n,]/).flatMap((name) => name.trim() || []);
  if (task !== "auto") form.append("task", task);
  if (target.trim()) form.append("target", target.trim());
  if (names.length > 0) form.append("features", JSON.stringify(names));
  if (label.trim()) form.append("label", label.trim());
  // Fields go first, so that a bad one is refused before the file is read.
  form.append("model", file);
  return form;
}

function useUpload(model: Model, onClose: () => void) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const router = useRouter();
  const { slug, path } = useWorkspace();
  return useMutation({
    mutationFn: async (values: Values): Promise<{ number: number }> => {
      const reply = await fetch(`/api/v1/models/${model.id}/versions`, {
        method: "POST",
        headers: { [WORKSPACE_HEADER]: slug },
        body: toForm(values),
      });
      const body: unknown = await reply.json();
      if (!reply.ok) throw body;
      return body as { number: number };
    },
    onSuccess: ({ number }) => {
      void queryClient.invalidateQueries({ queryKey: trpc.registry.pathKey() });
      toast.success(`v${number} is registered`);
      onClose();
      router.push(path("registry", model.id, "versions", number));
    },
  });
}

/** Takes an ONNX file as the next version, after the server has checked it. */
export function UploadVersionDialog({ model, onClose }: { model: Model; onClose: () => void }) {
  const upload = useUpload(model, onClose);
  const [file, setFile] = useState<File | null>(null);
  const [task, setTask] = useState<Values["task"]>("auto");
  const [target, setTarget] = useState(model.targetVariable ?? "");
  const [features, setFeatures] = useState(model.features?.join("\n") ?? "");
  const [label, setLabel] = useState("");
  const tooLarge = file !== null && file.size > MODEL_BYTES_MAX;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Upload an ONNX file"
      description="It is checked in a process of its own, and becomes the next version."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={FORM}
            variant="primary"
            disabled={!file || tooLarge}
            loading={upload.isPending}
          >
            {upload.isPending ? "Uploading and checking" : "Upload"}
          </Button>
        </>
      }
    >
      <form
        id={FORM}
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (file) upload.mutate({ file, task, target, features, label });
        }}
      >
        <FileField onFile={setFile} tooLarge={tooLarge} />
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField
            label="Task"
            value={task}
            onChange={setTask}
            options={[
              { value: "auto", label: "As the outputs say" },
              { value: "classification", label: "Classification" },
              { value: "regression", label: "Regression" },
            ]}
          />
          <TextField label="Target" optional value={target} onChange={setTarget} />
        </div>
        <TextArea
          label="Columns"
          optional
          hint="One a line, input by input in the graph’s order. Needed where the graph leaves its width open."
          mono
          value={features}
          onChange={setFeatures}
        />
        <TextField label="Label" optional value={label} onChange={setLabel} />
        {upload.error && (
          <p role="alert" className="rounded-lg bg-danger-soft p-3 text-13 text-danger">
            {toFailure(upload.error).detail}
          </p>
        )}
      </form>
    </Dialog>
  );
}

function FileField({
  onFile,
  tooLarge,
}: {
  onFile: (file: File | null) => void;
  tooLarge: boolean;
}) {
  const id = useId();
  return (
    <div className="space-y-1.5">
      <label htmlFor={id} className="block font-medium text-13">
        File
      </label>
      <input
        id={id}
        type="file"
        accept=".onnx"
        onChange={(event) => onFile(event.target.files?.[0] ?? null)}
        className="block w-full min-w-0 rounded-md border border-line-strong bg-surface p-1.5 text-13 file:mr-3 file:rounded file:border-0 file:bg-muted file:px-2.5 file:py-1 file:font-medium file:text-fg"
      />
      <p className={tooLarge ? "text-danger text-xs" : "text-fg-subtle text-xs"}>
        One .onnx file with all weights inside, {formatBytes(MODEL_BYTES_MAX)} at most.
      </p>
    </div>
  );
}
