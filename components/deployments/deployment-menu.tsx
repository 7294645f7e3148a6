"use client";
import { useMutation } from "@tanstack/react-query";
import { Boxes, Ellipsis, Rows3, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useQueryStates } from "nuqs";
import { useState } from "react";
import { toast } from "sonner";
import { deploymentSearchParams } from "@/app/(workspace)/[workspace]/deployments/search-params";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { IconButton } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/dialog";
import { toastFailure } from "@/components/ui/failure";
import { Menu, MenuItem, MenuLink } from "@/components/ui/menu";
import type { DeploymentDto } from "@/server/deployments/schemas";
import { ExportDialog } from "./kubernetes/export-dialog";

/** What is rarely wanted of a deployment. */
export function DeploymentMenu({ deployment }: { deployment: DeploymentDto }) {
  const trpc = useTRPC();
  const router = useRouter();
  const { path } = useWorkspace();
  const [asking, setAsking] = useState(false);
  const [{ kubernetes }, setParams] = useQueryStates(deploymentSearchParams);
  const remove = useMutation(
    trpc.deployments.delete.mutationOptions({
      onError: toastFailure,
      onSuccess: () => {
        toast.success(`${deployment.name} is out of service`);
        router.push(path("deployments"));
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
        <MenuItem onClick={() => void setParams({ kubernetes: "modelyard" })}>
          <Boxes aria-hidden />
          Run on Kubernetes
        </MenuItem>
        <MenuLink
          href={`${path("predictions", "batch-jobs")}?create=true&deployment=${deployment.id}`}
        >
          <Rows3 aria-hidden />
          New batch job
        </MenuLink>
        <MenuItem danger onClick={() => setAsking(true)}>
          <Trash2 aria-hidden />
          Take out of service
        </MenuItem>
      </Menu>
      {kubernetes && (
        <ExportDialog
          deployment={deployment.id}
          format={kubernetes}
          onFormat={(next) => void setParams({ kubernetes: next })}
          onClose={() => void setParams({ kubernetes: null })}
        />
      )}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Take ${deployment.name} out of service?`}
        confirmLabel="Take out of service"
        onConfirm={() => remove.mutate({ deployment: deployment.id })}
      >
        Requests to it are refused at once. Its log and its history stay.
      </ConfirmDialog>
    </>
  );
}
