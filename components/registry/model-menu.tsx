"use client";
import { useMutation } from "@tanstack/react-query";
import { Ellipsis, Pencil, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { toast } from "sonner";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { IconButton } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/dialog";
import { toastFailure } from "@/components/ui/failure";
import { Menu, MenuItem } from "@/components/ui/menu";
import { EditModelDialog } from "./edit-model-dialog";
import type { Model } from "./model-page";

/** Changing and deleting a model. */
export function ModelMenu({ model }: { model: Model }) {
  const trpc = useTRPC();
  const router = useRouter();
  const { path } = useWorkspace();
  const [asking, setAsking] = useState(false);
  const [editing, setEditing] = useState(false);
  const remove = useMutation(
    trpc.registry.deleteModel.mutationOptions({
      onError: toastFailure,
      onSuccess: () => {
        toast.success(`${model.name} is deleted`);
        router.push(path("registry"));
      },
    }),
  );
  return (
    <>
      <Menu
        trigger={
          <IconButton label="More actions" variant="secondary">
            <Ellipsis className="size-4" />
          </IconButton>
        }
      >
        <MenuItem onClick={() => setEditing(true)}>
          <Pencil aria-hidden />
          Edit name, description and tags
        </MenuItem>
        <MenuItem danger onClick={() => setAsking(true)}>
          <Trash2 aria-hidden />
          Delete
        </MenuItem>
      </Menu>
      {editing && <EditModelDialog model={model} onClose={() => setEditing(false)} />}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Delete ${model.name}?`}
        confirmLabel="Delete"
        onConfirm={() => remove.mutate({ model: model.id })}
      >
        Its {model.versionCount} versions disappear from every list. A model that is deployed cannot
        be deleted.
      </ConfirmDialog>
    </>
  );
}
