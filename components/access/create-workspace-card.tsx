"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { toastFailure, toFailure } from "@/components/ui/failure";
import { TextField } from "@/components/ui/field";

const open = (slug: string) => window.location.assign(`/${slug}/overview`);

const toSlug = (name: string) =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 40);

/** Makes another workspace, or brings an archived one back. */
export function CreateWorkspaceCard() {
  const trpc = useTRPC();
  const [name, setName] = useState("");
  const [slug, setSlug] = useState("");
  const create = useMutation(
    trpc.access.createWorkspace.mutationOptions({ onSuccess: (made) => open(made.slug) }),
  );
  const archived = useQuery(trpc.access.listArchivedWorkspaces.queryOptions());
  const restore = useMutation(
    trpc.access.restoreWorkspace.mutationOptions({
      onError: toastFailure,
      onSuccess: (back) => open(back.slug),
    }),
  );
  const failure = create.error ? toFailure(create.error) : null;
  return (
    <Card title="Another workspace" description="You become its first administrator.">
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate({ name, slug: slug || toSlug(name) });
        }}
      >
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label="Name of the new workspace"
            value={name}
            onChange={setName}
            required
            error={failure?.fields.name}
          />
          <TextField
            label="Address"
            optional
            mono
            value={slug}
            onChange={setSlug}
            placeholder={toSlug(name)}
            error={failure?.fields.slug}
          />
        </div>
        {failure && Object.keys(failure.fields).length === 0 && (
          <p role="alert" className="text-13 text-danger">
            {failure.detail}
          </p>
        )}
        <Button type="submit" loading={create.isPending}>
          Create workspace
        </Button>
      </form>
      {(archived.data?.items ?? []).map((one) => (
        <div key={one.id} className="mt-4 flex items-center gap-3 border-t pt-3 text-13">
          <span className="min-w-0 flex-1 truncate">{one.name} is archived</span>
          <Button
            size="sm"
            aria-label={`Restore ${one.name}`}
            onClick={() => restore.mutate({ slug: one.slug })}
          >
            Restore
          </Button>
        </div>
      ))}
    </Card>
  );
}
