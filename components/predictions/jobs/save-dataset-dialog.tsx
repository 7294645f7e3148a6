"use client";
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { toast } from "sonner";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { FormDialog, NameField, nameProblems } from "@/components/ui/form-dialog";
import type { BatchJobDto } from "@/server/predictions/jobs/schemas";

/** Makes a dataset of a result; a name that exists gets its next version. */
export function SaveDatasetDialog({ job, onClose }: { job: BatchJobDto; onClose: () => void }) {
  const trpc = useTRPC();
  const router = useRouter();
  const { path } = useWorkspace();
  const [name, setName] = useState(`${job.datasetName} predicted`);
  const save = useMutation(
    trpc.predictions.batchJobs.saveAsDataset.mutationOptions({
      onSuccess: (dataset) => {
        toast.success(`Saved as ${dataset.name} v${dataset.version}`);
        router.push(path("datasets", dataset.id));
      },
    }),
  );
  const problems = nameProblems(save.error);
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Save the result as a dataset"
      description="A name that exists gets its next version."
      submitLabel="Save"
      pending={save.isPending}
      disabled={name.trim() === ""}
      problem={problems.form}
      onSubmit={() => save.mutate({ batchJob: job.id, name })}
    >
      <NameField value={name} onChange={setName} error={problems.name} />
    </FormDialog>
  );
}
