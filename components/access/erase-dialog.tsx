"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toastFailure } from "@/components/ui/failure";
import { TextField } from "@/components/ui/field";
import { ErasureReportView } from "./erasure-report";

interface Props {
  who: { subject: string; fields: string[] };
  /** The dry run. */
  counted: Outputs["privacy"]["erase"];
  onClose: () => void;
  onErased: () => void;
}

/** Shows what an erasure would find; whoever types the subject again may start it. */
export function EraseDialog({ who, counted, onClose, onErased }: Props) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [typed, setTyped] = useState("");
  const erase = useMutation(
    trpc.privacy.erase.mutationOptions({
      onError: toastFailure,
      onSuccess: ({ state }) => {
        void queries.invalidateQueries({ queryKey: trpc.privacy.pathKey() });
        if (state === "complete") toast.success("Erased; the proof is in the list");
        else toast.warning("Something is left: the proof says where");
        onErased();
        onClose();
      },
    }),
  );
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && !erase.isPending && onClose()}
      title="Erase a person"
      description="Rows about them go for good, mentions become a pseudonym, keys they made are revoked."
      footer={
        <>
          <Button onClick={onClose} disabled={erase.isPending}>
            Cancel
          </Button>
          <Button
            variant="danger"
            loading={erase.isPending}
            disabled={typed.trim() !== who.subject}
            onClick={() => erase.mutate({ ...who, dryRun: false })}
          >
            Erase for good
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <TextField
          label={
            <>
              Type <span className="break-all font-mono text-xs">{who.subject}</span> to confirm
            </>
          }
          value={typed}
          onChange={setTyped}
          autoComplete="off"
          spellCheck={false}
        />
        {counted.report && <ErasureReportView report={counted.report} />}
      </div>
    </Dialog>
  );
}
