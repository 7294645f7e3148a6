"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toFailure } from "@/components/ui/failure";
import { TextField } from "@/components/ui/field";
import { SelectField } from "@/components/ui/select";
import { ShownOnce } from "./shown-once";
import { useRoleOptions } from "./use-role-options";

const FORM = "invite";

/** Makes a link that adds one person, and shows it once. */
export function InviteDialog({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const invite = useMutation(
    trpc.access.inviteMember.mutationOptions({
      onSuccess: () =>
        queryClient.invalidateQueries({ queryKey: trpc.access.listInvitations.queryKey() }),
    }),
  );
  const close = (next: boolean) => {
    onOpenChange(next);
    if (!next) invite.reset();
  };
  return (
    <Dialog
      open={open}
      onOpenChange={close}
      width="sm"
      title="Invite to the workspace"
      description="You get a link to hand over; it works once, for seven days."
      footer={
        invite.data ? (
          <Button onClick={() => close(false)}>Done</Button>
        ) : (
          <>
            <Button onClick={() => close(false)}>Cancel</Button>
            <Button type="submit" form={FORM} variant="primary" loading={invite.isPending}>
              Make the link
            </Button>
          </>
        )
      }
    >
      {invite.data ? (
        <ShownOnce
          label="Invitation link"
          secret={`${window.location.origin}${invite.data.path}`}
          note={`Send this to ${invite.data.name}. It is shown only now.`}
        />
      ) : (
        <InviteForm
          error={invite.error}
          onSubmit={(values) => invite.mutate({ ...values, email: values.email || null })}
        />
      )}
    </Dialog>
  );
}

function InviteForm({
  error,
  onSubmit,
}: {
  error: unknown;
  onSubmit: (values: { name: string; email: string; role: string }) => void;
}) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState("data_scientist");
  const options = useRoleOptions();
  const failure = error ? toFailure(error) : null;
  return (
    <form
      id={FORM}
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit({ name, email, role });
      }}
    >
      <TextField
        label="Name"
        value={name}
        onChange={setName}
        required
        autoComplete="off"
        error={failure?.fields.name}
      />
      <TextField
        label="E-mail"
        type="email"
        optional
        value={email}
        onChange={setEmail}
        autoComplete="off"
        error={failure?.fields.email}
      />
      <SelectField label="Role" value={role} onChange={setRole} options={options} />
      {failure && Object.keys(failure.fields).length === 0 && (
        <p role="alert" className="text-13 text-danger">
          {failure.detail}
        </p>
      )}
    </form>
  );
}
