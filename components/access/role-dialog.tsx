"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toFailure } from "@/components/ui/failure";
import { TextField } from "@/components/ui/field";
import { Checkbox } from "@/components/ui/toggles";
import { PERMISSIONS, type Permission } from "@/server/access/constants";

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
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(role?.permissions));
  const create = useMutation(trpc.access.createRole.mutationOptions({ onSuccess: onClose }));
  const update = useMutation(trpc.access.updateRole.mutationOptions({ onSuccess: onClose }));
  const active = role ? update : create;
  const failure = active.error ? toFailure(active.error) : null;
  const permissions = PERMISSIONS.filter((one) => chosen.has(one));
  const toggle = (permission: Permission, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(permission);
    else next.delete(permission);
    setChosen(next);
  };
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
        <fieldset>
          <legend className="mb-2 font-medium text-13">May</legend>
          <div className="grid gap-x-4 gap-y-1 sm:grid-cols-2">
            {PERMISSIONS.map((permission) => (
              <span key={permission} className="flex justify-start">
                <Checkbox
                  label={permission}
                  checked={chosen.has(permission)}
                  disabled={!can(permission)}
                  onChange={(on) => toggle(permission, on)}
                />
              </span>
            ))}
          </div>
        </fieldset>
        {failure && Object.keys(failure.fields).length === 0 && (
          <p role="alert" className="text-13 text-danger">
            {failure.detail}
          </p>
        )}
      </form>
    </Dialog>
  );
}
