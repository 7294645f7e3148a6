"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, UserPlus } from "lucide-react";
import { useMemo, useState } from "react";
import { toast } from "sonner";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button, IconButton } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { type Column, DataTable } from "@/components/ui/data-table";
import { ConfirmDialog } from "@/components/ui/dialog";
import { toastFailure } from "@/components/ui/failure";
import { humanize } from "@/components/ui/format";
import { Menu, MenuItem } from "@/components/ui/menu";
import { offerUndo, withdrawUndo } from "@/components/ui/offer-undo";
import { Toolbar } from "@/components/ui/page";
import { Select } from "@/components/ui/select";
import { QueryView, TableSkeleton } from "@/components/ui/states";
import { RelativeTime } from "@/components/ui/time";
import { InvitationList } from "./invitation-list";
import { InviteDialog } from "./invite-dialog";
import { useRoleOptions } from "./use-role-options";

interface Member {
  userId: string;
  name: string;
  email: string | null;
  role: string;
  createdAt: string;
}

/** People of the workspace, their roles, and pending invitations. */
export function MembersPage() {
  const trpc = useTRPC();
  const [inviting, setInviting] = useState(false);
  const members = useQuery(trpc.access.listMembers.queryOptions());
  return (
    <div className="space-y-5">
      <div>
        <Toolbar className="justify-between">
          <p className="text-13 text-fg-muted">Roles decide what a person and their keys may do.</p>
          <Allowed permission="members:write" explain>
            <Button variant="primary" onClick={() => setInviting(true)}>
              <UserPlus aria-hidden className="size-3.5" />
              Invite
            </Button>
          </Allowed>
        </Toolbar>
        <Card flush>
          <QueryView query={members} skeleton={<TableSkeleton rows={3} />}>
            {(data) => <MemberTable members={data.items} />}
          </QueryView>
        </Card>
      </div>
      <InvitationList />
      <InviteDialog open={inviting} onOpenChange={setInviting} />
    </div>
  );
}

function MemberTable({ members }: { members: Member[] }) {
  const { can, user } = useWorkspace();
  const editable = can("members:write");
  const columns = useMemo<Column<Member>[]>(
    () => [
      {
        id: "name",
        header: "Name",
        card: "title",
        sortValue: (member) => member.name,
        cell: (member) => (
          <div>
            <span className="font-medium">{member.name}</span>
            {member.userId === user.id && <span className="text-fg-subtle"> (you)</span>}
            {member.email && <div className="text-fg-subtle text-xs">{member.email}</div>}
          </div>
        ),
      },
      {
        id: "role",
        header: "Role",
        cell: (member) =>
          editable ? <RoleSelect member={member} /> : <span>{humanize(member.role)}</span>,
      },
      {
        id: "since",
        header: "Member since",
        sortValue: (member) => member.createdAt,
        cell: (member) => <RelativeTime at={member.createdAt} />,
      },
      {
        id: "actions",
        header: <span className="sr-only">Actions</span>,
        card: "corner",
        align: "right",
        cell: (member) => (editable ? <MemberMenu member={member} /> : null),
      },
    ],
    [editable, user.id],
  );
  return (
    <DataTable
      label="Members"
      rows={members}
      columns={columns}
      rowKey={(member) => member.userId}
    />
  );
}

function RoleSelect({ member }: { member: Member }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const options = useRoleOptions();
  const change = useMutation(
    trpc.access.changeRole.mutationOptions({
      onMutate: withdrawUndo,
      onError: toastFailure,
      // Pending until the list is read again: the next change would offer a role from before.
      onSettled: () => client.invalidateQueries({ queryKey: trpc.access.listMembers.queryKey() }),
    }),
  );
  const set = (role: string, undoTo: string | null) =>
    change.mutate(
      { userId: member.userId, role },
      {
        onSuccess: () => {
          const text = `${member.name} is now ${humanize(role).toLowerCase()}`;
          if (undoTo === null) toast.success(text);
          else offerUndo(text, () => set(undoTo, null));
        },
      },
    );
  return (
    <Select
      ariaLabel={`Role of ${member.name}`}
      value={member.role}
      options={options}
      onChange={(role) => role !== member.role && set(role, member.role)}
      disabled={change.isPending}
      className="w-full sm:w-44"
    />
  );
}

function MemberMenu({ member }: { member: Member }) {
  const trpc = useTRPC();
  const [asking, setAsking] = useState(false);
  const remove = useMutation(
    trpc.access.removeMember.mutationOptions({
      onMutate: withdrawUndo,
      onError: toastFailure,
      onSuccess: () => toast.success(`${member.name} was removed`),
    }),
  );
  return (
    <>
      <Menu
        trigger={
          <IconButton size="icon-sm" label={`Actions for ${member.name}`}>
            <Ellipsis className="size-4" />
          </IconButton>
        }
      >
        <MenuItem danger onClick={() => setAsking(true)}>
          Remove from the workspace
        </MenuItem>
      </Menu>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Remove ${member.name}?`}
        confirmLabel="Remove"
        onConfirm={() => remove.mutate({ userId: member.userId })}
      >
        They lose access at once. What they made stays. A new invitation lets them back in.
      </ConfirmDialog>
    </>
  );
}
