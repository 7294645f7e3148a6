"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useQueryStates } from "nuqs";
import { useMemo } from "react";
import { toast } from "sonner";
import { apiKeysSearchParams } from "@/app/(workspace)/[workspace]/settings/api-keys/search-params";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { type Column, DataTable } from "@/components/ui/data-table";
import { ConfirmDialog } from "@/components/ui/dialog";
import { toastFailure } from "@/components/ui/failure";
import { humanize } from "@/components/ui/format";
import { Toolbar } from "@/components/ui/page";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { Badge } from "@/components/ui/status";
import { RelativeTime, useNow } from "@/components/ui/time";
import { CreateKeyDialog } from "./create-key-dialog";
import { RotateKeyButton } from "./rotate-key-button";

interface ApiKey {
  id: string;
  prefix: string;
  name: string;
  role: string;
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
  lastUsedAt: string | null;
}

/** Credentials of programs: made, shown once, revoked. */
export function ApiKeysPage() {
  const trpc = useTRPC();
  const [{ create }, setParams] = useQueryStates(apiKeysSearchParams);
  const keys = useQuery(trpc.access.listApiKeys.queryOptions());
  const open = () => void setParams({ create: true });
  return (
    <>
      <Toolbar className="justify-between">
        <p className="text-13 text-fg-muted">
          Programs send a key as <code className="font-mono text-xs">Authorization: Bearer</code>.
        </p>
        <Allowed permission="api_keys:write" explain>
          <Button variant="primary" onClick={open}>
            <Plus aria-hidden className="size-3.5" />
            Create key
          </Button>
        </Allowed>
      </Toolbar>
      <Card flush>
        <QueryView query={keys} skeleton={<TableSkeleton rows={3} />}>
          {(data) =>
            data.items.length === 0 ? (
              <EmptyState
                icon={<KeyRound aria-hidden />}
                title="No API keys yet"
                action={
                  <Allowed permission="api_keys:write">
                    <Button onClick={open}>Create the first key</Button>
                  </Allowed>
                }
              >
                A key lets a program train, deploy and predict with a role you choose.
              </EmptyState>
            ) : (
              <KeyTable keys={data.items} />
            )
          }
        </QueryView>
      </Card>
      <CreateKeyDialog open={create} onOpenChange={(next) => void setParams({ create: next })} />
    </>
  );
}

function KeyTable({ keys }: { keys: ApiKey[] }) {
  const { can } = useWorkspace();
  const editable = can("api_keys:write");
  const columns = useMemo<Column<ApiKey>[]>(
    () => [
      {
        id: "name",
        header: "Name",
        card: "title",
        sortValue: (key) => key.name,
        cell: (key) => <span className="font-medium">{key.name}</span>,
      },
      {
        id: "prefix",
        header: "Key",
        cell: (key) => <code className="font-mono text-fg-muted text-xs">{key.prefix}…</code>,
      },
      { id: "role", header: "Role", cell: (key) => humanize(key.role) },
      {
        id: "created",
        header: "Created",
        sortValue: (key) => key.createdAt,
        cell: (key) => <RelativeTime at={key.createdAt} />,
      },
      {
        id: "used",
        header: "Last used",
        sortValue: (key) => key.lastUsedAt,
        cell: (key) => (key.lastUsedAt ? <RelativeTime at={key.lastUsedAt} /> : "never"),
      },
      { id: "state", header: "State", cell: (key) => <KeyState apiKey={key} /> },
      {
        id: "actions",
        header: <span className="sr-only">Actions</span>,
        card: "corner",
        align: "right",
        cell: (key) =>
          editable && !key.revokedAt ? (
            <span className="inline-flex gap-1">
              {key.prefix.startsWith("mdy_") && <RotateKeyButton id={key.id} name={key.name} />}
              <RevokeButton apiKey={key} />
            </span>
          ) : null,
      },
    ],
    [editable],
  );
  return <DataTable label="API keys" rows={keys} columns={columns} rowKey={(key) => key.id} />;
}

function KeyState({ apiKey }: { apiKey: ApiKey }) {
  const now = useNow(60_000);
  if (apiKey.revokedAt) return <Badge tone="danger">revoked</Badge>;
  if (!apiKey.expiresAt) return <Badge>never expires</Badge>;
  const days = Math.ceil((new Date(apiKey.expiresAt).getTime() - now) / 86_400_000);
  if (days <= 0) return <Badge tone="danger">expired</Badge>;
  return (
    <span title={new Date(apiKey.expiresAt).toLocaleString()}>
      <Badge tone={days <= 7 ? "warning" : "idle"}>{days} days left</Badge>
    </span>
  );
}

function RevokeButton({ apiKey }: { apiKey: ApiKey }) {
  const trpc = useTRPC();
  const revoke = useMutation(
    trpc.access.revokeApiKey.mutationOptions({
      onError: toastFailure,
      onSuccess: () => toast.success(`${apiKey.name} is revoked`),
    }),
  );
  return (
    <ConfirmDialog
      trigger={
        <Button size="sm" variant="ghost" aria-label={`Revoke ${apiKey.name}`}>
          Revoke
        </Button>
      }
      title={`Revoke ${apiKey.name}?`}
      confirmLabel="Revoke"
      onConfirm={() => revoke.mutate({ id: apiKey.id })}
    >
      Programs that use it are refused from now on. This cannot be undone.
    </ConfirmDialog>
  );
}
