"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { toast } from "sonner";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import type { BatchJobDto } from "@/server/predictions/jobs/schemas";

/** What the form asks for; null is not chosen yet. */
export interface BatchForm {
  by: "deployment" | "version";
  deployment: string | null;
  model: string | null;
  version: string | null;
  dataset: string | null;
  repeat: "none" | "all" | "chosen";
  columns: readonly string[];
  probabilities: boolean;
  onError: BatchJobDto["onError"];
  /** null leaves it to the share of rows that jobs bear by themselves. */
  maxErrors: number | null;
}

const EMPTY: BatchForm = {
  by: "deployment",
  deployment: null,
  model: null,
  version: null,
  dataset: null,
  repeat: "none",
  columns: [],
  probabilities: true,
  onError: "skip",
  maxErrors: null,
};

/** The choices of another job, for the next one. */
const formLike = (job: BatchJobDto): BatchForm => ({
  by: job.deploymentId ? "deployment" : "version",
  deployment: job.deploymentId,
  model: job.modelId,
  version: String(job.versionNumber),
  dataset: job.datasetId,
  repeat: job.columns.length > 0 ? "chosen" : "none",
  columns: job.columns,
  probabilities: job.probabilities,
  onError: job.onError,
  maxErrors: job.maxErrors,
});

/** The form of a new job: its state, what can be chosen, and sending it. */
export function useBatchForm(chosen: {
  deployment: string | null;
  dataset: string | null;
  like: string | null;
}) {
  const trpc = useTRPC();
  const router = useRouter();
  const { path } = useWorkspace();
  const other = useQuery({
    ...trpc.predictions.batchJobs.get.queryOptions({ batchJob: chosen.like ?? "" }),
    enabled: chosen.like !== null,
  });
  const [edits, setEdits] = useState<Partial<BatchForm>>({});
  const { deployment, dataset } = chosen;
  const base = other.data ? formLike(other.data) : { ...EMPTY, deployment, dataset };
  const form: BatchForm = { ...base, ...edits };
  const create = useMutation(
    trpc.predictions.batchJobs.create.mutationOptions({
      onSuccess: ({ id }) => {
        toast.success("The batch job is queued");
        router.push(path("predictions", "batch-jobs", id));
      },
    }),
  );
  const target = targetOf(form);
  const send = () => {
    if (!target || form.dataset === null) return;
    const { probabilities, onError, dataset } = form;
    const columns = columnsOf(form);
    const maxErrors = form.maxErrors ?? undefined;
    create.mutate({ ...target, dataset, columns, probabilities, onError, maxErrors });
  };
  return {
    form,
    edit: (change: Partial<BatchForm>) => setEdits((before) => ({ ...before, ...change })),
    isReady: target !== undefined && form.dataset !== null,
    isLoading: chosen.like !== null && other.isPending,
    send,
    create,
  };
}

function targetOf({ by, deployment, model, version }: BatchForm) {
  if (by === "deployment") return deployment === null ? undefined : { deployment };
  return model === null || version === null ? undefined : { model, version };
}

function columnsOf({ repeat, columns }: BatchForm): "all" | string[] {
  if (repeat === "all") return "all";
  return repeat === "chosen" ? [...columns] : [];
}
