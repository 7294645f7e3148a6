"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toFailure } from "@/components/ui/failure";
import { TextField } from "@/components/ui/field";
import { SelectField } from "@/components/ui/select";
import { ROLE_PERMISSIONS, type Role } from "@/server/access/constants";
import { ROLE_OPTIONS } from "./role-options";
import { ShownOnce } from "./shown-once";

const FORM = "create-key";
const LIFETIMES = [
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "1 year" },
  { value: "never", label: "Never expires" },
] as const;
type Lifetime = (typeof LIFETIMES)[number]["value"];

/** Makes an API key and shows it once. */
export function CreateKeyDialog({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const create = useMutation(
    trpc.access.createApiKey.mutationOptions({
      onSuccess: () =>
        queryClient.invalidateQueries({ queryKey: trpc.access.listApiKeys.queryKey() }),
    }),
  );
  const close = (next: boolean) => {
    onOpenChange(next);
    if (!next) create.reset();
  };
  return (
    <Dialog
      open={open}
      onOpenChange={close}
      width="sm"
      title="Create an API key"
      description="It acts with the role you give it."
      footer={
        create.data ? (
          <Button onClick={() => close(false)}>Done</Button>
        ) : (
          <>
            <Button onClick={() => close(false)}>Cancel</Button>
            <Button type="submit" form={FORM} variant="primary" loading={create.isPending}>
              Create
            </Button>
          </>
        )
      }
    >
      {create.data ? (
        <ShownOnce
          label="API key"
          secret={create.data.key}
          note="Copy the key now: only its hash is kept, so it cannot be shown again."
        />
      ) : (
        <KeyForm error={create.error} onSubmit={(values) => create.mutate(values)} />
      )}
    </Dialog>
  );
}

function KeyForm({
  error,
  onSubmit,
}: {
  error: unknown;
  onSubmit: (values: { name: string; role: Role; expiresInDays: number | null }) => void;
}) {
  const { permissions } = useWorkspace();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [lifetime, setLifetime] = useState<Lifetime>("90");
  const failure = error ? toFailure(error) : null;
  // A key is never wider than the person who makes it.
  const roles = ROLE_OPTIONS.filter((option) =>
    [...ROLE_PERMISSIONS[option.value]].every((permission) => permissions.has(permission)),
  );
  return (
    <form
      id={FORM}
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit({ name, role, expiresInDays: lifetime === "never" ? null : Number(lifetime) });
      }}
    >
      <TextField
        label="Name"
        hint="What uses it, for instance “nightly retraining”."
        value={name}
        onChange={setName}
        required
        autoComplete="off"
        error={failure?.fields.name}
      />
      <SelectField label="Role" value={role} onChange={setRole} options={roles} />
      <SelectField
        label="Lifetime"
        value={lifetime}
        onChange={setLifetime}
        options={[...LIFETIMES]}
      />
      {failure && Object.keys(failure.fields).length === 0 && (
        <p role="alert" className="text-13 text-danger">
          {failure.detail}
        </p>
      )}
    </form>
  );
}
