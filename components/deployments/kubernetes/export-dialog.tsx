"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Download, Info } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/class-names";
import { CodeBlock } from "@/components/ui/code-block";
import { CopyTextButton } from "@/components/ui/copy-button";
import { Dialog } from "@/components/ui/dialog";
import { toFailure } from "@/components/ui/failure";
import { TextField } from "@/components/ui/field";
import { ErrorState, Skeleton } from "@/components/ui/states";
import { Tabs } from "@/components/ui/tabs";
import {
  KUBERNETES_FORMATS,
  type KubernetesFormat,
} from "@/server/deployments/kubernetes/constants";
import { saveText } from "./save-text";

const LABELS: Record<KubernetesFormat, string> = {
  modelyard: "Kubernetes",
  kserve: "KServe",
  "argo-rollout": "Argo Rollouts",
};

interface ExportDialogProps {
  deployment: string;
  format: KubernetesFormat;
  onFormat: (format: KubernetesFormat) => void;
  onClose: () => void;
}

/** The objects that run a deployment's nodes in a cluster, to read, copy and save. */
export function ExportDialog({ deployment, format, onFormat, onClose }: ExportDialogProps) {
  const trpc = useTRPC();
  const [namespace, setNamespace] = useState("");
  const [image, setImage] = useState("");
  // What is being typed is not asked for letter by letter.
  const wanted = useDeferredValue({ namespace: namespace.trim(), image: image.trim() });
  const query = useQuery({
    ...trpc.deployments.kubernetes.queryOptions({
      deployment,
      format,
      ...(wanted.namespace && { namespace: wanted.namespace }),
      ...(wanted.image && { image: wanted.image }),
    }),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const { data, error } = query;
  const failure = error && toFailure(error);
  const isOfAField = Boolean(failure?.fields.namespace ?? failure?.fields.image);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Run on Kubernetes"
      description="The nodes of this deployment as pods of a cluster. They register here by themselves."
      width="lg"
      footer={
        <>
          <Button
            disabled={!data}
            onClick={() => data && saveText(data.fileName, data.yaml, "application/yaml")}
          >
            <Download aria-hidden className="size-3.5" />
            Download
          </Button>
          {data && <CopyTextButton text={data.yaml} label="Copy YAML" />}
        </>
      }
    >
      <Tabs
        label="Form of the objects"
        value={format}
        onChange={onFormat}
        tabs={KUBERNETES_FORMATS.map((value) => ({ value, label: LABELS[value] }))}
      >
        <div className="space-y-4">
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField
              label="Namespace"
              optional
              value={namespace}
              onChange={setNamespace}
              placeholder={data?.list.items[0]?.metadata.namespace ?? ""}
              error={failure?.fields.namespace}
            />
            <TextField
              label="Image of the node"
              optional
              value={image}
              onChange={setImage}
              error={failure?.fields.image}
            />
          </div>
          {isOfAField ? (
            <p className="text-13 text-fg-muted">
              The objects are shown once the fields above are right.
            </p>
          ) : failure ? (
            <ErrorState error={error} onRetry={() => void query.refetch()} />
          ) : data ? (
            <div className={cn("space-y-4", query.isPlaceholderData && "opacity-60")}>
              <Notes notes={data.notes} />
              <CodeBlock label={`Objects for ${LABELS[data.format]}`} code={data.yaml} />
            </div>
          ) : (
            <Skeleton className="h-80" />
          )}
        </div>
      </Tabs>
    </Dialog>
  );
}

const Notes = ({ notes }: { notes: readonly string[] }) => (
  <ul className="space-y-1.5 text-13 text-fg-muted">
    {notes.map((note) => (
      <li key={note} className="flex gap-2">
        <Info aria-hidden className="mt-0.5 size-3.5 shrink-0 text-fg-subtle" />
        <span className="min-w-0 break-words">{note}</span>
      </li>
    ))}
  </ul>
);
