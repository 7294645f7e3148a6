"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { LogIn, Plus } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { Allowed } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card, Facts } from "@/components/ui/card";
import { CopyTextButton } from "@/components/ui/copy-button";
import { ConfirmDialog } from "@/components/ui/dialog";
import { toastFailure } from "@/components/ui/failure";
import { humanize } from "@/components/ui/format";
import { Toolbar } from "@/components/ui/page";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { Badge } from "@/components/ui/status";
import { type Provider, ProviderDialog } from "./provider-dialog";

/** OpenID Connect providers people of the workspace sign in with. */
export function ProvidersPage() {
  const trpc = useTRPC();
  const providers = useQuery(trpc.access.listOidcProviders.queryOptions());
  const [editing, setEditing] = useState<Provider | "new" | null>(null);
  return (
    <Allowed permission="workspace:write" explain>
      <Toolbar className="justify-between">
        <p className="text-13 text-fg-muted">
          People sign in with OpenID Connect; their groups decide what they may do here.
        </p>
        <Button variant="primary" onClick={() => setEditing("new")}>
          <Plus aria-hidden className="size-3.5" />
          Add provider
        </Button>
      </Toolbar>
      <QueryView query={providers} skeleton={<TableSkeleton rows={3} />}>
        {(data) =>
          data.items.length === 0 ? (
            <Card flush>
              <EmptyState icon={<LogIn aria-hidden />} title="No sign-in provider yet">
                Until there is one, people come in by invitation links.
              </EmptyState>
            </Card>
          ) : (
            <div className="max-w-3xl space-y-5">
              {data.items.map((provider) => (
                <ProviderCard
                  key={provider.id}
                  provider={provider}
                  onEdit={() => setEditing(provider)}
                />
              ))}
            </div>
          )
        }
      </QueryView>
      {editing && (
        <ProviderDialog
          provider={editing === "new" ? null : editing}
          onClose={() => setEditing(null)}
        />
      )}
    </Allowed>
  );
}

function ProviderCard({ provider, onEdit }: { provider: Provider; onEdit: () => void }) {
  const trpc = useTRPC();
  const test = useMutation(
    trpc.access.testOidcProvider.mutationOptions({
      onError: toastFailure,
      onSuccess: ({ ok, message }) => (ok ? toast.success(message) : toast.error(message)),
    }),
  );
  const callback = `${window.location.origin}${provider.callbackPath}`;
  return (
    <Card
      title={provider.name}
      actions={
        <>
          <Badge tone={provider.enabled ? "positive" : "idle"}>
            {provider.enabled ? "on" : "off"}
          </Badge>
          <Button
            size="sm"
            loading={test.isPending}
            onClick={() => test.mutate({ id: provider.id })}
          >
            Test
          </Button>
          <Button size="sm" onClick={onEdit}>
            Edit
          </Button>
          <DeleteProvider provider={provider} />
        </>
      }
    >
      <Facts
        items={[
          { name: "Issuer", value: <code className="font-mono text-xs">{provider.issuer}</code> },
          { name: "Client", value: provider.clientId },
          { name: "Client secret", value: provider.hasClientSecret ? "kept, sealed" : "none" },
          {
            name: "Groups",
            value:
              provider.groupRoles
                .map(({ group, role }) => `${group}: ${humanize(role).toLowerCase()}`)
                .join(", ") || "none mapped, so nobody gets in",
          },
          {
            name: "Redirect URI to register there",
            value: (
              <span className="inline-flex flex-wrap items-center justify-end gap-2">
                <code className="break-all font-mono text-xs">{callback}</code>
                <CopyTextButton text={callback} label="Copy redirect URI" />
              </span>
            ),
          },
        ]}
      />
    </Card>
  );
}

function DeleteProvider({ provider }: { provider: Provider }) {
  const trpc = useTRPC();
  const remove = useMutation(
    trpc.access.deleteOidcProvider.mutationOptions({
      onError: toastFailure,
      onSuccess: () => toast.success(`${provider.name} is removed`),
    }),
  );
  return (
    <ConfirmDialog
      trigger={
        <Button size="sm" variant="ghost" aria-label={`Remove ${provider.name}`}>
          Remove
        </Button>
      }
      title={`Remove ${provider.name}?`}
      confirmLabel="Remove"
      onConfirm={() => remove.mutate({ id: provider.id })}
    >
      Everybody whose membership came from its groups loses access at once.
    </ConfirmDialog>
  );
}
