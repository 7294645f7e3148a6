"use client";
import { Undo2 } from "lucide-react";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/dialog";
import { offerUndo } from "@/components/ui/offer-undo";
import { Tooltip } from "@/components/ui/tooltip";
import type { DeploymentDetailDto } from "@/server/deployments/schemas";
import { afterwards, useChanges } from "./use-change";

const WHILE_ROLLING = "A roll-out is under way: abort it, and all traffic goes back.";
const NOWHERE_TO_GO = "No version was replaced that could come back.";

/** One click and a yes: all traffic back to the version before. A second rollback goes forward. */
export function RollbackButton({ deployment }: { deployment: DeploymentDetailDto }) {
  const { isBusy, rollBack } = useChanges();
  const target = deployment.rollbackVersion;
  const back = (isUndo: boolean) =>
    afterwards(
      rollBack.mutateAsync({
        deployment: deployment.id,
        ...(isUndo ? {} : { expectedRevision: deployment.revision }),
      }),
      (after) => {
        const text = `${deployment.name} answers with v${after.activeVersion?.versionNumber ?? "–"}`;
        if (isUndo) toast.success(text);
        else offerUndo(text, () => back(true));
      },
    );
  // While a roll-out is under way its own panel has the way back.
  if (!target || deployment.rollOut) {
    const reason = deployment.rollOut ? WHILE_ROLLING : NOWHERE_TO_GO;
    return (
      <Tooltip text={reason}>
        <span className="inline-flex">
          <Button disabled aria-description={reason}>
            <Undo2 aria-hidden className="size-3.5" />
            Roll back
          </Button>
        </span>
      </Tooltip>
    );
  }
  return (
    <ConfirmDialog
      tone="primary"
      title={`Roll back to v${target.versionNumber}?`}
      confirmLabel="Roll back"
      onConfirm={() => back(false)}
      trigger={
        <Button loading={rollBack.isPending} disabled={isBusy}>
          <Undo2 aria-hidden className="size-3.5" />
          Roll back
        </Button>
      }
    >
      All traffic moves at once, and no request fails. You can undo it.
    </ConfirmDialog>
  );
}
