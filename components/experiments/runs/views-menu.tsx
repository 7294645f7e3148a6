"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Bookmark, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toastFailure, toFailure } from "@/components/ui/failure";
import { TextField } from "@/components/ui/field";
import { Menu, MenuItem, MenuLink, MenuSeparator } from "@/components/ui/menu";

const FORM = "save-view";

/** Views the team saved for a page; one more is the page's URL under a name. */
export function ViewsMenu({ page }: { page: string }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const { can } = useWorkspace();
  const [saving, setSaving] = useState(false);
  const [removing, setRemoving] = useState(false);
  const views = useQuery(trpc.experiments.listViews.queryOptions({ page }));
  const remove = useMutation(
    trpc.experiments.deleteView.mutationOptions({
      onSuccess: () => {
        void client.invalidateQueries({ queryKey: trpc.experiments.listViews.pathKey() });
        toast.success("View deleted");
      },
      onError: toastFailure,
    }),
  );
  const items = views.data?.items ?? [];
  return (
    <>
      <Menu
        trigger={
          <Button>
            <Bookmark aria-hidden className="size-3.5" />
            Views
          </Button>
        }
      >
        {items.map((view) =>
          removing ? (
            <MenuItem key={view.id} danger onClick={() => remove.mutate({ view: view.id })}>
              <Trash2 aria-hidden />
              Delete {view.name}
            </MenuItem>
          ) : (
            <MenuLink key={view.id} href={`?${new URLSearchParams(view.state)}`}>
              {view.name}
            </MenuLink>
          ),
        )}
        {items.length === 0 && (
          <p className="px-2 py-1.5 text-13 text-fg-muted">No views saved yet.</p>
        )}
        {can("experiments:write") && (
          <>
            <MenuSeparator />
            <MenuItem onClick={() => setSaving(true)}>
              <Plus aria-hidden />
              Save this view
            </MenuItem>
            {items.length > 0 && (
              <MenuItem onClick={() => setRemoving(!removing)}>
                <Trash2 aria-hidden />
                {removing ? "Open views again" : "Delete views"}
              </MenuItem>
            )}
          </>
        )}
      </Menu>
      <SaveViewDialog page={page} open={saving} onOpenChange={setSaving} />
    </>
  );
}

function SaveViewDialog({
  page,
  open,
  onOpenChange,
}: {
  page: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const save = useMutation(
    trpc.experiments.saveView.mutationOptions({
      onSuccess: (view) => {
        void client.invalidateQueries({ queryKey: trpc.experiments.listViews.pathKey() });
        toast.success(`Saved as ${view.name}`);
        onOpenChange(false);
      },
    }),
  );
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Save this view"
      description="All that the address of this page says, for everybody in the workspace. The same name replaces a view."
      width="sm"
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button type="submit" form={FORM} variant="primary" loading={save.isPending}>
            Save
          </Button>
        </>
      }
    >
      <form
        id={FORM}
        onSubmit={(event) => {
          event.preventDefault();
          const state = Object.fromEntries(new URLSearchParams(window.location.search));
          save.mutate({ page, name, state });
        }}
      >
        <TextField
          label="Name"
          value={name}
          onChange={setName}
          required
          maxLength={120}
          autoComplete="off"
          error={save.error ? toFailure(save.error).detail : null}
        />
      </form>
    </Dialog>
  );
}
