"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { AtSign } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { type Column, DataTable } from "@/components/ui/data-table";
import { ConfirmDialog } from "@/components/ui/dialog";
import { toastFailure, toFailure } from "@/components/ui/failure";
import { TextField } from "@/components/ui/field";
import { NumberField } from "@/components/ui/number-field";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { TextLink } from "@/components/ui/text-link";
import { RelativeTime } from "@/components/ui/time";
import type { Model } from "./model-page";

type Alias = Outputs["registry"]["listAliases"][number];

/** Names such as champion that point at one version each. */
export function AliasesTab({ model }: { model: Model }) {
  const trpc = useTRPC();
  const aliases = useQuery(trpc.registry.listAliases.queryOptions({ model: model.id }));
  return (
    <div className="space-y-4">
      <Card flush>
        <QueryView query={aliases} skeleton={<TableSkeleton rows={2} />}>
          {(items) =>
            items.length === 0 ? (
              <EmptyState icon={<AtSign aria-hidden />} title="No aliases yet">
                An alias is a name for one version, such as champion. Gates compare with it, and
                clients load models:/{model.name}@champion.
              </EmptyState>
            ) : (
              <AliasTable model={model} aliases={items} />
            )
          }
        </QueryView>
      </Card>
      {model.latestVersion !== null && (
        <Allowed permission="models:write" explain>
          <PointAlias model={model} latest={model.latestVersion} />
        </Allowed>
      )}
    </div>
  );
}

function AliasTable({ model, aliases }: { model: Model; aliases: Alias[] }) {
  const { path, can } = useWorkspace();
  const columns: Column<Alias>[] = [
    {
      id: "alias",
      header: "Alias",
      card: "title",
      cell: ({ alias }) => <span className="font-medium">@{alias}</span>,
    },
    {
      id: "version",
      header: "Version",
      cell: ({ versionNumber }) => (
        <TextLink href={path("registry", model.id, "versions", versionNumber)}>
          v{versionNumber}
        </TextLink>
      ),
    },
    { id: "at", header: "Since", cell: ({ updatedAt }) => <RelativeTime at={updatedAt} /> },
    {
      id: "actions",
      header: <span className="sr-only">Actions</span>,
      card: "corner",
      align: "right",
      cell: ({ alias }) =>
        can("models:write") ? <RemoveAlias model={model.id} alias={alias} /> : null,
    },
  ];
  return (
    <DataTable label="Aliases" rows={aliases} columns={columns} rowKey={({ alias }) => alias} />
  );
}

function RemoveAlias({ model, alias }: { model: string; alias: string }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const remove = useMutation(
    trpc.registry.deleteAlias.mutationOptions({
      onError: toastFailure,
      onSuccess: async () => {
        await queryClient.invalidateQueries({ queryKey: trpc.registry.pathKey() });
        toast.success(`@${alias} is removed`);
      },
    }),
  );
  return (
    <ConfirmDialog
      trigger={
        <Button size="sm" variant="ghost" aria-label={`Remove ${alias}`}>
          Remove
        </Button>
      }
      title={`Remove @${alias}?`}
      confirmLabel="Remove"
      onConfirm={() => remove.mutate({ model, alias })}
    >
      Programs that load the model by this alias find nothing until it points somewhere again.
    </ConfirmDialog>
  );
}

function PointAlias({ model, latest }: { model: Model; latest: number }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [alias, setAlias] = useState("champion");
  const [version, setVersion] = useState<number | null>(latest);
  const point = useMutation(
    trpc.registry.setAlias.mutationOptions({
      onSuccess: async (set) => {
        await queryClient.invalidateQueries({ queryKey: trpc.registry.pathKey() });
        toast.success(`@${set.alias} points at v${set.versionNumber}`);
      },
    }),
  );
  const failure = point.error ? toFailure(point.error) : null;
  return (
    <Card title="Point an alias" description="An alias that exists moves to the version.">
      <form
        className="flex flex-wrap items-start gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (version !== null) {
            point.mutate({ model: model.id, alias, version: String(version) });
          }
        }}
      >
        <TextField
          label="Alias"
          mono
          value={alias}
          onChange={setAlias}
          required
          error={failure ? (failure.fields.alias ?? failure.detail) : null}
          className="w-full sm:w-56"
        />
        <NumberField
          label="Version"
          value={version}
          onChange={setVersion}
          min={1}
          max={latest}
          step={1}
          className="w-32"
        />
        <Button type="submit" className="mt-6.5" loading={point.isPending}>
          Point it
        </Button>
      </form>
    </Card>
  );
}
