"use client";
import { useQuery } from "@tanstack/react-query";
import { Ellipsis } from "lucide-react";
import { useMemo } from "react";
import { useTRPC } from "@/components/trpc/client";
import { IconButton } from "@/components/ui/button";
import { type Column, DataTable } from "@/components/ui/data-table";
import { Menu, MenuItem } from "@/components/ui/menu";
import { Status } from "@/components/ui/status";
import { RelativeTime } from "@/components/ui/time";
import { DeliveryState } from "./delivery-state";
import { eventsText } from "./event-groups";
import type { Webhook } from "./webhook-dialog";

export type WebhookAction = "deliveries" | "test" | "edit" | "delete";
type OnAction = (action: WebhookAction, webhook: Webhook) => void;

/** Webhooks with what they want and how their last delivery went. */
export function WebhookTable({ webhooks, onAction }: { webhooks: Webhook[]; onAction: OnAction }) {
  const columns = useMemo<Column<Webhook>[]>(
    () => [
      {
        id: "name",
        header: "Name",
        card: "title",
        sortValue: (webhook) => webhook.name,
        cell: (webhook) => (
          <button
            type="button"
            title={webhook.description || undefined}
            onClick={() => onAction("deliveries", webhook)}
            className="block min-h-6 max-w-64 truncate rounded text-left font-medium hover:underline"
          >
            {webhook.name}
          </button>
        ),
      },
      {
        id: "url",
        header: "URL",
        card: "wide",
        cell: (webhook) => (
          <code
            title={webhook.url}
            className="block max-w-64 truncate font-mono text-fg-muted text-xs"
          >
            {webhook.url}
          </code>
        ),
      },
      {
        id: "events",
        header: "Events",
        card: "wide",
        cell: (webhook) => (
          <span title={webhook.events.join(", ")}>{eventsText(webhook.events)}</span>
        ),
      },
      {
        id: "status",
        header: "Status",
        sortValue: (webhook) => webhook.status,
        cell: ({ status }) => (
          <Status
            status={status === "active" ? "active" : "inactive"}
            label={status === "active" ? "Active" : "Disabled"}
          />
        ),
      },
      {
        id: "last",
        header: "Last delivery",
        cell: (webhook) => <LastDelivery webhook={webhook.id} />,
      },
      {
        id: "actions",
        header: <span className="sr-only">Actions</span>,
        card: "corner",
        align: "right",
        cell: (webhook) => <Actions webhook={webhook} onAction={onAction} />,
      },
    ],
    [onAction],
  );
  return <DataTable label="Webhooks" rows={webhooks} columns={columns} rowKey={(one) => one.id} />;
}

/** Asked for one by one: the requests travel together, and a workspace has few webhooks. */
function LastDelivery({ webhook }: { webhook: string }) {
  const trpc = useTRPC();
  const { data } = useQuery({
    ...trpc.webhooks.listDeliveries.queryOptions({ webhook, limit: 1 }),
    refetchInterval: 15_000,
  });
  if (!data) return <span aria-hidden>…</span>;
  const [last] = data.items;
  if (!last) return <span className="text-fg-subtle">none yet</span>;
  return (
    <span className="inline-flex items-center gap-2">
      <DeliveryState status={last.status} />
      <RelativeTime at={last.createdAt} />
    </span>
  );
}

function Actions({ webhook, onAction }: { webhook: Webhook; onAction: OnAction }) {
  return (
    <Menu
      trigger={
        <IconButton label={`Actions of ${webhook.name}`} size="icon-sm">
          <Ellipsis aria-hidden className="size-4" />
        </IconButton>
      }
    >
      <MenuItem onClick={() => onAction("test", webhook)}>Send a test</MenuItem>
      <MenuItem onClick={() => onAction("deliveries", webhook)}>Deliveries</MenuItem>
      <MenuItem onClick={() => onAction("edit", webhook)}>Edit</MenuItem>
      <MenuItem danger onClick={() => onAction("delete", webhook)}>
        Delete
      </MenuItem>
    </Menu>
  );
}
