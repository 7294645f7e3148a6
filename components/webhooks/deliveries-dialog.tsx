"use client";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { ChevronRight, RotateCw } from "lucide-react";
import { toast } from "sonner";
import { useTRPC } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";
import { Button } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { Dialog } from "@/components/ui/dialog";
import { toastFailure } from "@/components/ui/failure";
import { LoadMore } from "@/components/ui/load-more";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { RelativeTime } from "@/components/ui/time";
import { Segmented } from "@/components/ui/toggles";
import type { DeliveryStatus } from "@/server/webhooks/constants";
import { DeliveryState } from "./delivery-state";
import type { Webhook } from "./webhook-dialog";

type Delivery = Outputs["webhooks"]["listDeliveries"]["items"][number];
type Shown = DeliveryStatus | "any";

const CHOICES: { value: Shown; label: string }[] = [
  { value: "any", label: "All" },
  { value: "delivered", label: "Delivered" },
  { value: "pending", label: "Pending" },
  { value: "failed", label: "Failed" },
];

/** What was sent to a webhook, newest first; a line opens to the body and the last error. */
export function DeliveriesDialog({
  webhook,
  status,
  onStatus,
  onClose,
}: {
  webhook: Webhook;
  status: Shown;
  onStatus: (status: Shown) => void;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const query = useInfiniteQuery(
    trpc.webhooks.listDeliveries.infiniteQueryOptions(
      { webhook: webhook.id, limit: 20, ...(status !== "any" && { status }) },
      { getNextPageParam: (page) => page.nextCursor ?? undefined, refetchInterval: 10_000 },
    ),
  );
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      width="lg"
      title={`Deliveries to ${webhook.name}`}
      description={<span className="break-all font-mono text-xs">{webhook.url}</span>}
      footer={<Button onClick={onClose}>Close</Button>}
    >
      <Segmented label="Status" value={status} onChange={onStatus} choices={CHOICES} />
      <div className="mt-3">
        <QueryView query={query} skeleton={<TableSkeleton rows={4} />}>
          {({ pages }) => {
            const items = pages.flatMap((page) => page.items);
            if (items.length === 0) return <NoDeliveries filtered={status !== "any"} />;
            return (
              <ul aria-label="Deliveries" className="divide-y rounded-lg border">
                {items.map((delivery) => (
                  <DeliveryRow key={delivery.id} delivery={delivery} />
                ))}
              </ul>
            );
          }}
        </QueryView>
        <LoadMore query={query} />
      </div>
    </Dialog>
  );
}

const NoDeliveries = ({ filtered }: { filtered: boolean }) => (
  <EmptyState title={filtered ? "No delivery is in this state" : "Nothing was sent yet"}>
    {filtered
      ? "Choose another state above."
      : "The next event it wants is listed here. Tests are not."}
  </EmptyState>
);

function DeliveryRow({ delivery }: { delivery: Delivery }) {
  const { attempts, responseStatus, error } = delivery;
  return (
    <li>
      <details className="group text-13">
        <summary className="grid cursor-pointer list-none grid-cols-[auto_1fr_auto] items-center gap-x-3 gap-y-1 px-3 py-2 hover:bg-hover sm:grid-cols-[auto_7rem_1fr_5rem_4rem_6rem]">
          <ChevronRight
            aria-hidden
            className="size-3.5 transition-transform group-open:rotate-90"
          />
          <span>
            <DeliveryState status={delivery.status} />
          </span>
          <span className="text-right text-fg-subtle text-xs sm:order-last">
            <RelativeTime at={delivery.createdAt} />
          </span>
          <code className="col-span-2 col-start-2 break-all font-mono text-xs sm:col-span-1 sm:col-start-auto">
            {delivery.event}
          </code>
          <span className="col-start-2 text-fg-muted text-xs tabular-nums sm:col-start-auto">
            {responseStatus === null ? "No answer" : `HTTP ${responseStatus}`}
          </span>
          <span className="text-right text-fg-muted text-xs tabular-nums sm:text-left">
            {attempts === 1 ? "1 try" : `${attempts} tries`}
          </span>
          {error && (
            <span className="col-span-2 col-start-2 truncate text-danger text-xs group-open:hidden sm:order-last sm:col-span-5 sm:col-start-2">
              {error}
            </span>
          )}
        </summary>
        <DeliveryDetails delivery={delivery} />
      </details>
    </li>
  );
}

function DeliveryDetails({ delivery }: { delivery: Delivery }) {
  return (
    <div className="space-y-2 border-t px-3 py-3">
      {delivery.error && <p className="break-words text-13 text-danger">{delivery.error}</p>}
      <p className="text-fg-muted text-xs">
        {delivery.lastTriedAt ? (
          <>
            Last tried <RelativeTime at={delivery.lastTriedAt} />
          </>
        ) : (
          "Not tried yet"
        )}{" "}
        · <span className="break-all font-mono">{delivery.id}</span>
      </p>
      {delivery.status !== "pending" && <RedeliverButton delivery={delivery} />}
      <CodeBlock label="Body" code={indented(delivery.body)} wrap />
    </div>
  );
}

function RedeliverButton({ delivery }: { delivery: Delivery }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const again = useMutation(
    trpc.webhooks.redeliver.mutationOptions({
      onSuccess: () => {
        void client.invalidateQueries({ queryKey: trpc.webhooks.pathKey() });
        toast.success("It is sent again");
      },
      onError: toastFailure,
    }),
  );
  return (
    <Button
      size="sm"
      loading={again.isPending}
      onClick={() => again.mutate({ webhook: delivery.webhookId, delivery: delivery.id })}
    >
      <RotateCw aria-hidden className="size-3.5" />
      Send again
    </Button>
  );
}

const indented = (json: string): string => JSON.stringify(JSON.parse(json), null, 2);
