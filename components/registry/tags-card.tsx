"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useState } from "react";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { toastFailure } from "@/components/ui/failure";
import { TextField } from "@/components/ui/field";
import { QueryView, Skeleton } from "@/components/ui/states";

interface Ref {
  model: string;
  version: string;
}

/** Free pairs on one version: read, added, removed. */
export function TagsCard({ model, version }: Ref) {
  const trpc = useTRPC();
  const tags = useQuery(trpc.registry.listVersionTags.queryOptions({ model, version }));
  return (
    <Card title="Tags">
      <QueryView query={tags} skeleton={<Skeleton className="h-6" />}>
        {(items) =>
          items.length === 0 ? (
            <p className="text-13 text-fg-subtle">None yet.</p>
          ) : (
            <ul aria-label="Tags" className="flex flex-wrap gap-1.5">
              {items.map((tag) => (
                <Tag
                  key={tag.key}
                  name={tag.key}
                  value={tag.value}
                  model={model}
                  version={version}
                />
              ))}
            </ul>
          )
        }
      </QueryView>
      <Allowed permission="models:write">
        <AddTag model={model} version={version} />
      </Allowed>
    </Card>
  );
}

function useSettled() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey: trpc.registry.listVersionTags.pathKey() });
}

function Tag({ model, version, name, value }: Ref & { name: string; value: string }) {
  const trpc = useTRPC();
  const editable = useWorkspace().can("models:write");
  const remove = useMutation(
    trpc.registry.deleteVersionTag.mutationOptions({
      onError: toastFailure,
      onSuccess: useSettled(),
    }),
  );
  return (
    <li className="inline-flex min-h-7 min-w-0 max-w-full items-center rounded-md border bg-muted px-2 text-13">
      <span className="truncate" title={`${name}: ${value}`}>
        <span className="text-fg-muted">{name}</span>
        {value && <span className="font-medium"> {value}</span>}
      </span>
      {editable && (
        <button
          type="button"
          aria-label={`Remove the tag ${name}`}
          disabled={remove.isPending}
          onClick={() => remove.mutate({ model, version, key: name })}
          className="-mr-2 ml-1 flex size-7 items-center justify-center rounded-r-md text-fg-subtle hover:bg-hover hover:text-fg"
        >
          <X aria-hidden className="size-3.5" />
        </button>
      )}
    </li>
  );
}

function AddTag({ model, version }: Ref) {
  const trpc = useTRPC();
  const [key, setKey] = useState("");
  const [value, setValue] = useState("");
  const settled = useSettled();
  const add = useMutation(
    trpc.registry.setVersionTag.mutationOptions({
      onError: toastFailure,
      onSuccess: async () => {
        setKey("");
        setValue("");
        await settled();
      },
    }),
  );
  return (
    <form
      className="mt-3 flex flex-wrap items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate({ model, version, key, value });
      }}
    >
      <TextField label="Key" value={key} onChange={setKey} required className="min-w-24 flex-1" />
      <TextField label="Value" value={value} onChange={setValue} className="min-w-24 flex-1" />
      <Button type="submit" loading={add.isPending} disabled={!key}>
        Add tag
      </Button>
    </form>
  );
}
