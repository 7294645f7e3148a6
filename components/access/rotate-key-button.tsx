"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toastFailure } from "@/components/ui/failure";
import { SelectField } from "@/components/ui/select";
import { ShownOnce } from "./shown-once";

const OVERLAPS = [
  { value: "0", label: "Ends at once" },
  { value: "1", label: "Works for another hour" },
  { value: "24", label: "Works for another day" },
  { value: "168", label: "Works for another week" },
];

/** Gives a key a new secret and shows it once; the old one works for as long as is chosen. */
export function RotateKeyButton({ id, name }: { id: string; name: string }) {
  const trpc = useTRPC();
  const [open, setOpen] = useState(false);
  const [overlap, setOverlap] = useState("24");
  const rotate = useMutation(trpc.access.rotateApiKey.mutationOptions({ onError: toastFailure }));
  const close = (next: boolean) => {
    setOpen(next);
    if (!next) rotate.reset();
  };
  return (
    <>
      <Button size="sm" variant="ghost" aria-label={`Rotate ${name}`} onClick={() => setOpen(true)}>
        Rotate
      </Button>
      <Dialog
        open={open}
        onOpenChange={close}
        width="sm"
        title={`Rotate ${name}`}
        description="The key keeps its role and its visible part, and gets a new secret."
        footer={
          rotate.data ? (
            <Button onClick={() => close(false)}>Done</Button>
          ) : (
            <>
              <Button onClick={() => close(false)}>Cancel</Button>
              <Button
                variant="primary"
                loading={rotate.isPending}
                onClick={() => rotate.mutate({ id, overlapHours: Number(overlap) })}
              >
                Rotate
              </Button>
            </>
          )
        }
      >
        {rotate.data ? (
          <ShownOnce
            label="API key"
            secret={rotate.data.key}
            note="Copy the key now: only its hash is kept, so it cannot be shown again."
          />
        ) : (
          <SelectField
            label="The old secret"
            value={overlap}
            onChange={setOverlap}
            options={OVERLAPS}
          />
        )}
      </Dialog>
    </>
  );
}
