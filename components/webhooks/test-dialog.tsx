"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";
import { Button } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { Dialog } from "@/components/ui/dialog";
import { toFailure } from "@/components/ui/failure";
import { SelectField } from "@/components/ui/select";
import { Status } from "@/components/ui/status";
import type { WebhookEvent } from "@/server/webhooks/constants";
import { eventWords } from "./event-groups";
import type { Webhook } from "./webhook-dialog";

type Result = Outputs["webhooks"]["testWebhook"];

/** Sends an example at once and shows what came back. */
export function TestDialog({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const trpc = useTRPC();
  const [event, setEvent] = useState<WebhookEvent | undefined>(webhook.events[0]);
  const test = useMutation(trpc.webhooks.testWebhook.mutationOptions());
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Send a test to ${webhook.name}`}
      description={<span className="break-all font-mono text-xs">{webhook.url}</span>}
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button
            variant="primary"
            loading={test.isPending}
            onClick={() => test.mutate({ webhook: webhook.id, ...(event && { event }) })}
          >
            {test.data ? "Send again" : "Send"}
          </Button>
        </>
      }
    >
      <SelectField
        label="Event"
        hint="An example is sent at once and once only, also while the webhook is disabled."
        value={event ?? null}
        onChange={setEvent}
        options={webhook.events.map((value) => ({ value, label: eventWords(value) }))}
      />
      <div aria-live="polite" className="mt-4">
        {test.data && !test.isPending && <TestResult result={test.data} />}
        {test.error && <p className="text-13 text-danger">{toFailure(test.error).detail}</p>}
      </div>
    </Dialog>
  );
}

function TestResult({ result }: { result: Result }) {
  const { success, responseStatus, responseBody, error } = result;
  return (
    <div className="space-y-2">
      <p className="flex flex-wrap items-center gap-2 text-13">
        <Status
          status={success ? "completed" : "failed"}
          label={success ? "Delivered" : "Not delivered"}
        />
        {success ? `The address answered ${responseStatus}.` : error}
      </p>
      {responseBody && <CodeBlock label="Answer" code={responseBody} wrap />}
    </div>
  );
}
