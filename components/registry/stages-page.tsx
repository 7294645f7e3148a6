"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, Plus } from "lucide-react";
import { useQueryStates } from "nuqs";
import { toast } from "sonner";
import { stagesSearchParams } from "@/app/(workspace)/[workspace]/registry/search-params";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button, IconButton } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/dialog";
import { toastFailure } from "@/components/ui/failure";
import { PageHeader } from "@/components/ui/page";
import { QueryView, TableSkeleton } from "@/components/ui/states";
import { Badge } from "@/components/ui/status";
import { gateTitle } from "@/server/registry/gates/schemas";
import { StageDot } from "./stage-badge";
import { StageDialog } from "./stage-dialog";
import { reviewersText } from "./stage-words";
import type { Stage } from "./use-stages";

/** The stages of the workspace from left to right, with what it takes to enter each. */
export function StagesPage() {
  const trpc = useTRPC();
  const { path } = useWorkspace();
  const [{ edit }, setParams] = useQueryStates(stagesSearchParams);
  const stages = useQuery(trpc.registry.listStages.queryOptions());
  const items = stages.data?.items ?? [];
  const edited = items.find((stage) => stage.key === edit);
  const close = () => void setParams({ edit: "" });
  return (
    <>
      <PageHeader
        crumbs={[{ label: "Models", href: path("registry") }]}
        title="Stages"
        description="What every version passes through, and the approvals and gates on the way."
        actions={
          <Allowed permission="stages:write" explain>
            <Button variant="primary" onClick={() => void setParams({ edit: "new" })}>
              <Plus aria-hidden className="size-3.5" />
              Add stage
            </Button>
          </Allowed>
        }
      />
      <Card flush>
        <QueryView query={stages} skeleton={<TableSkeleton rows={5} />}>
          {() => (
            <ol aria-label="Stages" className="divide-y">
              {items.map((stage, index) => (
                <StageRow
                  key={stage.key}
                  stage={stage}
                  index={index}
                  keys={items.map(({ key }) => key)}
                  onEdit={() => void setParams({ edit: stage.key })}
                />
              ))}
            </ol>
          )}
        </QueryView>
      </Card>
      {edited && <StageDialog key={edited.key} stage={edited} onClose={close} />}
      {edit === "new" && <StageDialog stage={null} onClose={close} />}
    </>
  );
}

function StageRow({
  stage,
  index,
  keys,
  onEdit,
}: {
  stage: Stage;
  index: number;
  keys: string[];
  onEdit: () => void;
}) {
  const editable = useWorkspace().can("stages:write");
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3 text-13">
      <div className="min-w-48 flex-1">
        <div className="flex flex-wrap items-center gap-2">
          <StageDot color={stage.color} />
          <h2 className="font-semibold">{stage.name}</h2>
          <code className="font-mono text-fg-subtle text-xs">{stage.key}</code>
          {stage.serving && <Badge tone="active">serving</Badge>}
          <span className="text-fg-subtle text-xs">
            {stage.versionCount === 1 ? "1 version" : `${stage.versionCount} versions`}
          </span>
        </div>
        {stage.description && <p className="mt-0.5 text-fg-muted">{stage.description}</p>}
      </div>
      <div className="min-w-48 flex-1 text-fg-muted">
        {stage.needsApproval ? (
          <p>Needs {reviewersText(stage.reviewers)}.</p>
        ) : (
          <p className="text-fg-subtle">No approval needed.</p>
        )}
        {stage.gates.length > 0 && (
          <ul aria-label={`Gates of ${stage.name}`} className="mt-1 list-disc pl-5">
            {stage.gates.map((gate) => (
              <li key={JSON.stringify(gate)}>{gateTitle(gate)}</li>
            ))}
          </ul>
        )}
      </div>
      {editable && (
        <div className="flex gap-1">
          <Reorder stage={stage} index={index} keys={keys} />
          <Button size="sm" aria-label={`Edit ${stage.name}`} onClick={onEdit}>
            Edit
          </Button>
          <DeleteStage stage={stage} />
        </div>
      )}
    </li>
  );
}

function Reorder({ stage, index, keys }: { stage: Stage; index: number; keys: string[] }) {
  const trpc = useTRPC();
  const reorder = useMutation(
    trpc.registry.reorderStages.mutationOptions({ onError: toastFailure }),
  );
  const move = (step: number) => {
    const next = keys.filter((key) => key !== stage.key);
    next.splice(index + step, 0, stage.key);
    reorder.mutate({ keys: next });
  };
  return (
    <>
      <IconButton
        size="icon-sm"
        label={`Move ${stage.name} up`}
        disabled={index === 0 || reorder.isPending}
        onClick={() => move(-1)}
      >
        <ArrowUp className="size-3.5" />
      </IconButton>
      <IconButton
        size="icon-sm"
        label={`Move ${stage.name} down`}
        disabled={index === keys.length - 1 || reorder.isPending}
        onClick={() => move(1)}
      >
        <ArrowDown className="size-3.5" />
      </IconButton>
    </>
  );
}

function DeleteStage({ stage }: { stage: Stage }) {
  const trpc = useTRPC();
  const remove = useMutation(
    trpc.registry.deleteStage.mutationOptions({
      onError: toastFailure,
      onSuccess: () => toast.success(`${stage.name} is gone`),
    }),
  );
  return (
    <ConfirmDialog
      trigger={
        <Button size="sm" variant="ghost" aria-label={`Delete ${stage.name}`}>
          Delete
        </Button>
      }
      title={`Delete the stage ${stage.name}?`}
      confirmLabel="Delete"
      onConfirm={() => remove.mutate({ stage: stage.key })}
    >
      It must be empty: no version in it, and none that asks to enter it.
    </ConfirmDialog>
  );
}
