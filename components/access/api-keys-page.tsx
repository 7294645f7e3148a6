"use client";
import { useQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useQueryStates } from "nuqs";
import { useMemo } from "react";
import { apiKeysSearchParams } from "@/app/(workspace)/[workspace]/settings/api-keys/search-params";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { type Column, DataTable } from "@/components/ui/data-table";
import { humanize } from "@/components/ui/format";
import { Toolbar } from "@/components/ui/page";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { RelativeTime, useNow } from "@/components/ui/time";
import { CreateKeyDialog } from "./create-key-dialog";
import { KeyDetails } from "./key-details";
import { scopesText } from "./key-presets";
import { type ApiKey, isLive, isRotatable, KeyState } from "./key-state";
import { RevokeKeyButton } from "./revoke-key-button";
import { RotateKeyButton } from "./rotate-key-button";

/** Credentials of programs: made, shown once, rotated, revoked. */
export function ApiKeysPage() {
  const trpc = useTRPC();
  const [{ create, key: shown }, setParams] = useQueryStates(apiKeysSearchParams);
  const keys = useQuery(trpc.access.listApiKeys.queryOptions());
  const opened = keys.data?.items.find((one) => one.id === shown);
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
              <KeyTable keys={data.items} onOpen={(id) => void setParams({ key: id })} />
            )
          }
        </QueryView>
      </Card>
      <CreateKeyDialog open={create} onOpenChange={(next) => void setParams({ create: next })} />
      {opened && <KeyDetails apiKey={opened} onClose={() => void setParams({ key: "" })} />}
    </>
  );
}

function KeyTable({ keys, onOpen }: { keys: ApiKey[]; onOpen: (id: string) => void }) {
  const { can } = useWorkspace();
  const now = useNow(60_000);
  const editable = can("api_keys:write");
  const columns = useMemo<Column<ApiKey>[]>(
    () => [
      {
        id: "name",
        header: "Name",
        card: "title",
        sortValue: (key) => key.name,
        cell: (key) => (
          <button
            type="button"
            onClick={() => onOpen(key.id)}
            className="block min-h-6 max-w-72 truncate rounded text-left font-medium hover:underline"
          >
            {key.name}
          </button>
        ),
      },
      {
        id: "prefix",
        header: "Key",
        cell: (key) => <code className="font-mono text-fg-muted text-xs">{key.prefix}…</code>,
      },
      { id: "role", header: "Role", cell: (key) => humanize(key.role) },
      { id: "scopes", header: "Scopes", cell: (key) => scopesText(key.scopes) },
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
          editable && isLive(key, now) ? (
            <span className="inline-flex gap-1">
              {isRotatable(key) && <RotateKeyButton id={key.id} name={key.name} />}
              <RevokeKeyButton id={key.id} name={key.name} />
            </span>
          ) : null,
      },
    ],
    [editable, now, onOpen],
  );
  return <DataTable label="API keys" rows={keys} columns={columns} rowKey={(key) => key.id} />;
}
