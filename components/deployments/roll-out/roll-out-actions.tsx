"use client";
import { ChevronRight, FastForward, type LucideIcon, Pause, Play, X } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/dialog";
import { offerUndo } from "@/components/ui/offer-undo";
import type { RollOutDto } from "@/server/deployments/roll-outs/schemas";
import type { DeploymentDetailDto } from "@/server/deployments/schemas";
import { afterwards, useChanges } from "../use-change";

/** Pause, go on, promote, abort: what the state of the roll-out allows. */
export function RollOutActions({
  deployment,
  rollOut,
}: {
  deployment: DeploymentDetailDto;
  rollOut: RollOutDto;
}) {
  const { isBusy, pause, resume, promote, abort, rollBack } = useChanges();
  const input = { deployment: deployment.id, rollOut: rollOut.id };
  const seen = { ...input, expectedRevision: deployment.revision };
  const version = `v${rollOut.versionNumber}`;
  const hasTraffic = rollOut.step >= 0;
  const next = rollOut.plan.steps[rollOut.step + 1];
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      {rollOut.state === "progressing" && (
        <Action icon={Pause} isBusy={isBusy} change={pause} onClick={() => pause.mutate(seen)}>
          Pause
        </Action>
      )}
      {rollOut.state === "paused" && (
        <Action icon={Play} isBusy={isBusy} change={resume} onClick={() => resume.mutate(seen)}>
          Resume
        </Action>
      )}
      {hasTraffic && next && rollOut.state !== "awaiting_promotion" && (
        <Action
          icon={ChevronRight}
          isBusy={isBusy}
          change={promote}
          onClick={() => promote.mutate({ ...seen, to: "next_step" })}
        >
          To {next.weight}%
        </Action>
      )}
      {hasTraffic && (
        <ConfirmDialog
          tone="primary"
          title={`Give ${version} all traffic now?`}
          confirmLabel="Promote"
          onConfirm={() =>
            afterwards(promote.mutateAsync(seen), () =>
              offerUndo(`${version} takes all traffic`, () =>
                rollBack.mutate({ deployment: deployment.id }),
              ),
            )
          }
          trigger={
            <Button size="sm" variant="primary" loading={promote.isPending} disabled={isBusy}>
              <FastForward aria-hidden className="size-3.5" />
              Promote
            </Button>
          }
        >
          The rest of the plan is skipped. You can undo it.
        </ConfirmDialog>
      )}
      <ConfirmDialog
        title={`Abort the roll-out of ${version}?`}
        confirmLabel="Abort"
        onConfirm={() =>
          afterwards(abort.mutateAsync(seen), () =>
            offerUndo(`The roll-out of ${version} was aborted`, () => resume.mutate(input)),
          )
        }
        trigger={
          <Button size="sm" loading={abort.isPending} disabled={isBusy}>
            <X aria-hidden className="size-3.5" />
            Abort
          </Button>
        }
      >
        All traffic goes back to what had it before, at once, and no request fails. You can undo it.
      </ConfirmDialog>
    </div>
  );
}

const Action = ({
  icon: Icon,
  isBusy,
  change,
  onClick,
  children,
}: {
  icon: LucideIcon;
  isBusy: boolean;
  change: { isPending: boolean };
  onClick: () => void;
  children: ReactNode;
}) => (
  <Button size="sm" loading={change.isPending} disabled={isBusy} onClick={onClick}>
    <Icon aria-hidden className="size-3.5" />
    {children}
  </Button>
);
