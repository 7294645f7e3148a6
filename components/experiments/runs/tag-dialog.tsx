"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toFailure } from "@/components/ui/failure";
import { TextField } from "@/components/ui/field";
import { formatCount } from "@/components/ui/format";
import { Segmented } from "@/components/ui/toggles";

const FORM = "tag-runs";

/** Sets one tag on many runs, or removes it from them. */
export function TagDialog({
  runIds,
  open,
  onOpenChange,
}: {
  runIds: string[];
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [key, setKey] = useState("");
  const [value, setValue] = useState("");
  const [mode, setMode] = useState<"set" | "remove">("set");
  const tag = useMutation(
    trpc.experiments.tagRuns.mutationOptions({
      onSuccess: (done) => {
        void client.invalidateQueries({ queryKey: trpc.experiments.pathKey() });
        toast.success(
          `${formatCount(done.runIds.length)} runs ${mode === "set" ? "tagged" : "changed"}`,
        );
        onOpenChange(false);
      },
    }),
  );
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Tag ${formatCount(runIds.length)} runs`}
      width="sm"
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button type="submit" form={FORM} variant="primary" loading={tag.isPending}>
            {mode === "set" ? "Set the tag" : "Remove the tag"}
          </Button>
        </>
      }
    >
      <form
        id={FORM}
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          tag.mutate(
            mode === "set" ? { runIds, set: [{ key, value }] } : { runIds, remove: [key] },
          );
        }}
      >
        <Segmented
          label="What to do"
          value={mode}
          onChange={setMode}
          choices={[
            { value: "set", label: "Set" },
            { value: "remove", label: "Remove" },
          ]}
        />
        <TextField
          label="Key"
          value={key}
          onChange={setKey}
          required
          autoComplete="off"
          error={tag.error ? toFailure(tag.error).detail : null}
        />
        {mode === "set" && <TextField label="Value" value={value} onChange={setValue} />}
      </form>
    </Dialog>
  );
}
