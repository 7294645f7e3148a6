"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { RetentionCard } from "@/components/predictions/retention-card";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/dialog";
import { toastFailure } from "@/components/ui/failure";
import { TextField } from "@/components/ui/field";
import { QueryView, TableSkeleton } from "@/components/ui/states";
import { ConversionsCard } from "./conversions-card";
import { CreateWorkspaceCard } from "./create-workspace-card";
import { PrivacyCard } from "./privacy-card";
import { QuotasCard } from "./quotas-card";

/** Name, usage and quotas of the workspace; making another one; putting this one to rest. */
export function WorkspacePage() {
  const trpc = useTRPC();
  const usage = useQuery(trpc.access.getUsage.queryOptions());
  return (
    <div className="max-w-2xl space-y-5">
      <QueryView query={usage} skeleton={<TableSkeleton rows={4} />}>
        {(data) => <QuotasCard {...data} />}
      </QueryView>
      <ConversionsCard />
      <Allowed permission="predictions:read">
        <RetentionCard />
      </Allowed>
      <Allowed permission="privacy:export">
        <PrivacyCard />
      </Allowed>
      <Allowed permission="workspace:write" explain>
        <RenameCard />
        <CreateWorkspaceCard />
        <ArchiveCard />
      </Allowed>
    </div>
  );
}

function RenameCard() {
  const trpc = useTRPC();
  const present = useWorkspace();
  const [name, setName] = useState(present.name);
  const rename = useMutation(
    trpc.access.updateWorkspace.mutationOptions({
      onError: toastFailure,
      onSuccess: () => toast.success("The workspace has a new name"),
    }),
  );
  return (
    <Card title="Name" description={`Its address stays /${present.slug}.`}>
      <form
        className="flex items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          rename.mutate({ name });
        }}
      >
        <TextField label="Name" value={name} onChange={setName} required className="flex-1" />
        <Button type="submit" loading={rename.isPending} disabled={name === present.name}>
          Rename
        </Button>
      </form>
    </Card>
  );
}

function ArchiveCard() {
  const trpc = useTRPC();
  const { name } = useWorkspace();
  const archive = useMutation(
    trpc.access.archiveWorkspace.mutationOptions({
      onError: toastFailure,
      onSuccess: () => window.location.assign("/"),
    }),
  );
  return (
    <Card
      title="Archive"
      description="Every call for the workspace is refused until an administrator restores it."
    >
      <ConfirmDialog
        trigger={<Button variant="danger">Archive this workspace</Button>}
        title={`Archive ${name}?`}
        confirmLabel="Archive"
        onConfirm={() => archive.mutate()}
      >
        Its deployments stop answering. Nothing is deleted; it can be restored from the settings of
        another workspace you administer.
      </ConfirmDialog>
    </Card>
  );
}
