"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ShownOnce } from "@/components/access/shown-once";
import { useTRPC } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { SignatureCheck } from "./signature-check";
import { WebhookForm, type WebhookValues } from "./webhook-form";

export type Webhook = Outputs["webhooks"]["listWebhooks"]["items"][number];

const FORM = "webhook";

/** Adds a webhook, or changes one; a secret made here is shown this one time. */
export function WebhookDialog({
  webhook,
  onClose,
}: {
  webhook: Webhook | null;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const [made, setMade] = useState<string | null>(null);
  const create = useMutation(trpc.webhooks.createWebhook.mutationOptions());
  const update = useMutation(trpc.webhooks.updateWebhook.mutationOptions());
  const active = webhook ? update : create;
  const submit = (values: WebhookValues, secretToShow: string | null) => {
    const onSuccess = () => (secretToShow ? setMade(secretToShow) : onClose());
    if (webhook) update.mutate({ webhook: webhook.id, ...values }, { onSuccess });
    else create.mutate(values, { onSuccess });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={webhook ? `Edit ${webhook.name}` : "Create a webhook"}
      description="Its address gets a POST with JSON for every event it wants."
      footer={
        made ? (
          <Button onClick={onClose}>Done</Button>
        ) : (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" form={FORM} variant="primary" loading={active.isPending}>
              {webhook ? "Save" : "Create"}
            </Button>
          </>
        )
      }
    >
      {made ? (
        <div className="space-y-5">
          <ShownOnce
            label="Secret"
            secret={made}
            note="Copy the secret now: it is kept sealed and cannot be shown again."
          />
          <SignatureCheck />
        </div>
      ) : (
        <WebhookForm id={FORM} webhook={webhook} error={active.error} onSubmit={submit} />
      )}
    </Dialog>
  );
}
