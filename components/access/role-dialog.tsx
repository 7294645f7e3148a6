"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toFailure } from "@/components/ui/failure";
import { TextField } from "@/components/ui/field";
import { isPermission, PERMISSIONS, type Permission } from "@/server/access/constants";
import { PermissionPicker } from "./permission-picker";

export interface RoleValues {
  name: string;
  description: string;
  permissions: string[];
}

const FORM = "role";

/** Makes a custom role, or changes one; its name stays, for members hold it by name. */
export function RoleDialog({ role, onClose }: { role: RoleValues | null; onClose: () => void }) {
  const trpc = useTRPC();
  const { can } = useWorkspace();
  const [name, setName] = useState(role?.name ?? "");
  const [description, setDescription] = useState(role?.description ?? "");
  const [chosen, setChosen] = useState<ReadonlySet<Permission>>(
    new Set(role?.permissions.filter(isPermission)),
  );
  const create = useMutation(trpc.access.createRole.mutationOptions({ onSuccess: onClose }));
  const update = useMutation(trpc.access.updateRole.mutationOptions({ onSuccess: onClose }));
  const active = role ? update : create;
  const failure = active.error ? toFailure(active.error) : null;
  const permissions = PERMISSIONS.filter((one) => chosen.has(one));
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={role ? `Edit ${role.name}` : "Create a role"}
      description="Nobody can give a role more than they may do themselves."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={FORM} variant="primary" loading={active.isPending}>
            {role ? "Save" : "Create"}
          </Button>
        </>
      }
    >
      <form
        id={FORM}
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          active.mutate({ name, description, permissions });
        }}
      >
        <TextField
          label="Name"
          hint="Lower-case letters, digits and underscores."
          value={name}
          onChange={setName}
          disabled={role !== null}
          required
          mono
          error={failure?.fields.name}
        />
        <TextField label="Description" optional value={description} onChange={setDescription} />
        <PermissionPicker legend="May" chosen={chosen} onChange={setChosen} available={can} />
        {failure && Object.keys(failure.fields).length === 0 && (
          <p role="alert" className="text-13 text-danger">
            {failure.detail}
          </p>
        )}
      </form>
    </Dialog>
  );
}
