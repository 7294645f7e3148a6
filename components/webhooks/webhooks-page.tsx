"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Plus, Webhook as WebhookIcon } from "lucide-react";
import { useQueryStates } from "nuqs";
import { useState } from "react";
import { toast } from "sonner";
import { webhooksSearchParams } from "@/app/(workspace)/[workspace]/settings/webhooks/search-params";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/dialog";
import { toastFailure } from "@/components/ui/failure";
import { Toolbar } from "@/components/ui/page";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { WEBHOOKS_MAX } from "@/server/webhooks/constants";
import { DeliveriesDialog } from "./deliveries-dialog";
import { SignatureCheck } from "./signature-check";
import { TestDialog } from "./test-dialog";
import { type Webhook, WebhookDialog } from "./webhook-dialog";
import { type WebhookAction, WebhookTable } from "./webhook-table";

/** Addresses outside that are told what happens in the registry. */
export function WebhooksPage() {
  const trpc = useTRPC();
  const [{ show, webhook: id, status }, setParams] = useQueryStates(webhooksSearchParams);
  const [doomed, setDoomed] = useState<Webhook | null>(null);
  const webhooks = useQuery(trpc.webhooks.listWebhooks.queryOptions({ limit: WEBHOOKS_MAX }));
  const shown = webhooks.data?.items.find((one) => one.id === id);
  const close = () => void setParams({ show: null, webhook: null, status: null });
  const act = (action: WebhookAction, webhook: Webhook) =>
    action === "delete"
      ? setDoomed(webhook)
      : void setParams({ show: action, webhook: webhook.id });
  const create = () => void setParams({ show: "create" });
  return (
    <>
      <Toolbar className="justify-between">
        <p className="text-13 text-fg-muted">
          Events of the registry are posted to addresses you choose.
        </p>
        <Button variant="primary" onClick={create}>
          <Plus aria-hidden className="size-3.5" />
          Create webhook
        </Button>
      </Toolbar>
      <Card flush>
        <QueryView query={webhooks} skeleton={<TableSkeleton rows={3} />}>
          {({ items }) =>
            items.length === 0 ? (
              <NoWebhooks onCreate={create} />
            ) : (
              <WebhookTable webhooks={items} onAction={act} />
            )
          }
        </QueryView>
      </Card>
      {show === "create" && <WebhookDialog webhook={null} onClose={close} />}
      {show === "edit" && shown && <WebhookDialog key={id} webhook={shown} onClose={close} />}
      {show === "test" && shown && <TestDialog key={id} webhook={shown} onClose={close} />}
      {show === "deliveries" && shown && (
        <DeliveriesDialog
          webhook={shown}
          status={status}
          onStatus={(next) => void setParams({ status: next })}
          onClose={close}
        />
      )}
      {doomed && <DeleteWebhook webhook={doomed} onClose={() => setDoomed(null)} />}
    </>
  );
}

const NoWebhooks = ({ onCreate }: { onCreate: () => void }) => (
  <>
    <EmptyState
      icon={<WebhookIcon aria-hidden />}
      title="No webhooks yet"
      action={<Button onClick={onCreate}>Create the first webhook</Button>}
      className="pb-6"
    >
      A webhook tells a chat, a pipeline or any service of yours when a version is registered, a
      stage changes or somebody asks for an approval. Messages are signed, and those that fail are
      tried again.
    </EmptyState>
    <div className="mx-auto max-w-2xl px-4 pb-10">
      <SignatureCheck />
    </div>
  </>
);

function DeleteWebhook({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const trpc = useTRPC();
  const remove = useMutation(
    trpc.webhooks.deleteWebhook.mutationOptions({
      onError: toastFailure,
      onSuccess: () => toast.success(`${webhook.name} is deleted`),
    }),
  );
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Delete ${webhook.name}?`}
      confirmLabel="Delete"
      onConfirm={() => remove.mutate({ webhook: webhook.id })}
    >
      Nothing more is sent to its address, and what waits to be sent is not. This cannot be undone.
    </ConfirmDialog>
  );
}
