"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { toastFailure } from "@/components/ui/failure";
import { TextField } from "@/components/ui/field";
import { EraseDialog } from "./erase-dialog";
import { ErasureList } from "./erasure-list";
import { saveSubject } from "./save-subject";

type Erasure = Outputs["privacy"]["erase"];

/** What is stored about one person: handed out as a file, counted, erased; with the proofs of before. */
export function PrivacyCard() {
  const trpc = useTRPC();
  const { can, slug } = useWorkspace();
  const [subject, setSubject] = useState("");
  const [fields, setFields] = useState("");
  const [counted, setCounted] = useState<Erasure>();
  const who = {
    subject: subject.trim(),
    fields: fields
      .split(",")
      .map((name) => name.trim())
      .filter(Boolean),
  };
  const save = useMutation({
    mutationFn: () => saveSubject(slug, who),
    onError: toastFailure,
    onSuccess: () => toast.success("The file is saved"),
  });
  const count = useMutation(
    trpc.privacy.erase.mutationOptions({ onError: toastFailure, onSuccess: setCounted }),
  );
  const isEmpty = who.subject === "";
  return (
    <Card
      title="Privacy"
      description="Everything stored about one person: a member, or somebody in your predictions."
    >
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label="Person"
            hint="Id or e-mail of a member, or the id in your own records."
            value={subject}
            onChange={setSubject}
            autoComplete="off"
            spellCheck={false}
            maxLength={320}
            required
          />
          <TextField
            label="Inputs of predictions"
            optional
            hint="Look at these only, parted by commas. Ids of under 6 characters need it."
            value={fields}
            onChange={setFields}
            autoComplete="off"
            placeholder="customer_id"
          />
        </div>
        <div className="flex flex-wrap gap-2">
          <Button type="submit" loading={save.isPending} disabled={isEmpty}>
            Export
          </Button>
          {can("privacy:erase") && (
            <Button
              variant="danger"
              loading={count.isPending}
              disabled={isEmpty}
              onClick={() => count.mutate({ ...who, dryRun: true })}
            >
              Erase…
            </Button>
          )}
        </div>
      </form>
      <ErasureList />
      {counted && (
        <EraseDialog
          who={who}
          counted={counted}
          onClose={() => setCounted(undefined)}
          onErased={() => setSubject("")}
        />
      )}
    </Card>
  );
}
