"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toFailure } from "@/components/ui/failure";
import { formatPlural } from "@/components/ui/format";
import { ComboboxField } from "@/components/ui/select";

const FORM = "move-runs";
/** Experiments offered; the search of the field narrows them. */
const OFFERED = 200;

/** Puts runs into another experiment. */
export function MoveDialog({
  runIds,
  open,
  onOpenChange,
  onMoved,
}: {
  runIds: string[];
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onMoved: () => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [experiment, setExperiment] = useState<string | null>(null);
  const choices = useQuery({
    ...trpc.experiments.list.queryOptions({ limit: OFFERED, sort: "updatedAt" }),
    enabled: open,
  });
  const move = useMutation(
    trpc.experiments.moveRuns.mutationOptions({
      onSuccess: (done) => {
        void client.invalidateQueries({ queryKey: trpc.experiments.pathKey() });
        toast.success(`${formatPlural(done.runIds.length, "run")} moved`);
        onOpenChange(false);
        onMoved();
      },
    }),
  );
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Move ${formatPlural(runIds.length, "run")}`}
      description="Ids, metrics and files stay as they are."
      width="sm"
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button
            type="submit"
            form={FORM}
            variant="primary"
            loading={move.isPending}
            disabled={!experiment}
          >
            Move
          </Button>
        </>
      }
    >
      <form
        id={FORM}
        onSubmit={(event) => {
          event.preventDefault();
          if (experiment) move.mutate({ runIds, experiment });
        }}
      >
        <ComboboxField
          label="Experiment"
          value={experiment}
          onChange={setExperiment}
          options={(choices.data?.items ?? []).map(({ id, name, runCount }) => ({
            value: id,
            label: name,
            detail: formatPlural(runCount, "run"),
          }))}
          error={move.error ? toFailure(move.error).detail : null}
        />
      </form>
    </Dialog>
  );
}
