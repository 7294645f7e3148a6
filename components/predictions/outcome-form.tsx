"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import type { PredictionEntry } from "@/components/trpc/outputs";
import { Button } from "@/components/ui/button";
import { toFailure } from "@/components/ui/failure";
import { TextField } from "@/components/ui/field";
import { meantValue } from "./outcome-lines";

/** Of the kind that was predicted. */
function exampleOf({ outputs }: PredictionEntry): string {
  const [first] = (outputs as { predictions?: unknown[] } | null)?.predictions ?? [];
  return typeof first === "number" ? "12.5" : "yes";
}

/** Tells what came of one request; telling it again corrects it. */
export function OutcomeForm({ entry }: { entry: PredictionEntry }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [text, setText] = useState("");
  const record = useMutation(
    trpc.predictions.recordOutcomes.mutationOptions({
      onSuccess: () => {
        setText("");
        toast.success("Outcome recorded");
        void queryClient.invalidateQueries({ queryKey: trpc.predictions.pathKey() });
      },
    }),
  );
  const isMany = entry.rows > 1;
  return (
    <form
      className="flex items-start gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        const outcomes = [{ requestId: entry.requestId, outcome: meantValue(text) }];
        record.mutate({ outcomes });
      }}
    >
      <TextField
        className="flex-1"
        label={entry.outcome ? "Correct it" : "What really came"}
        hint={isMany ? `A JSON list of ${entry.rows} values, one a row.` : "A number or a class."}
        error={record.error ? toFailure(record.error).detail : null}
        value={text}
        onChange={setText}
        required
        autoComplete="off"
        placeholder={isMany ? '["yes", "no"]' : exampleOf(entry)}
      />
      <Button
        type="submit"
        className="mt-6.5"
        loading={record.isPending}
        disabled={text.trim() === ""}
      >
        Record
      </Button>
    </form>
  );
}
