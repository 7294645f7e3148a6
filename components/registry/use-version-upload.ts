"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { toast } from "sonner";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC, useTRPCClient, WORKSPACE_HEADER } from "@/components/trpc/client";
import { type Failure, toFailure } from "@/components/ui/failure";
import { isCancelled, type Sending, sendForm } from "@/components/ui/send-form";

/** How pixels of 0 to 255 become numbers: what most who train on images do. */
export const IMAGES = {
  none: null,
  plain: { scale: 1 },
  unit: { scale: 1 / 255 },
  centered: { scale: 1 / 255, mean: [0.5], std: [0.5] },
  imagenet: { scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
} as const;

export interface VersionForm {
  task: "auto" | "classification" | "regression";
  target: string;
  /** Columns, one a line or separated by commas. */
  features: string;
  images: keyof typeof IMAGES;
  label: string;
  semanticVersion: string;
  alias: string;
}

/** The form as the route takes it; what is empty is left to the graph. */
function toForm(file: File, { task, target, features, images, label }: VersionForm): FormData {
  const form = new FormData();
  const names = features.split(/[\n,]/).flatMap((name) => name.trim() || []);
  if (task !== "auto") form.append("task", task);
  if (target.trim()) form.append("target", target.trim());
  if (names.length > 0) form.append("features", JSON.stringify(names));
  if (IMAGES[images]) form.append("image", JSON.stringify(IMAGES[images]));
  if (label.trim()) form.append("label", label.trim());
  // Fields go first, so that a bad one is refused before the file is read.
  form.append("model", file);
  return form;
}

interface Made {
  id: string;
  number: number;
}

/** Sends a model file as the next version, then gives it its semantic version and alias. */
export function useVersionUpload(model: { id: string }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queryClient = useQueryClient();
  const router = useRouter();
  const { slug, path } = useWorkspace();
  const running = useRef<Sending<Made>>(undefined);
  const [progress, setProgress] = useState<number | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);

  const name = async ({ id, number }: Made, form: VersionForm) => {
    const ref = { model: model.id, version: id };
    const semanticVersion = form.semanticVersion.trim();
    const alias = form.alias.trim();
    if (semanticVersion)
      await client.registry.setSemanticVersion.mutate({ ...ref, semanticVersion });
    if (alias) {
      await client.registry.setAlias.mutate({ model: model.id, alias, version: String(number) });
    }
  };
  const send = async (file: File, form: VersionForm) => {
    const url = `/api/v1/models/${model.id}/versions`;
    const headers = { [WORKSPACE_HEADER]: slug };
    running.current = sendForm<Made>(url, headers, toForm(file, form), setProgress);
    const made = await running.current.done;
    // The version is there already: what is wrong with its names is no reason to send it again.
    await name(made, form).then(
      () => toast.success(`v${made.number} is registered`),
      (error: unknown) =>
        toast.warning(`v${made.number} is registered, but not named as you asked`, {
          description: toFailure(error).detail,
        }),
    );
    void queryClient.invalidateQueries({ queryKey: trpc.registry.pathKey() });
    // Leaving the page closes the dialog; closing it first would write the URL and undo the move.
    router.push(path("registry", model.id, "versions", made.number));
  };
  const start = (file: File, form: VersionForm) => {
    setFailure(null);
    setProgress(0);
    // Once it is sent the form stays busy until the page of the version is there.
    send(file, form).catch((error: unknown) => {
      setProgress(null);
      if (!isCancelled(error)) setFailure(toFailure(error));
    });
  };
  return { start, cancel: () => running.current?.cancel(), progress, failure };
}
