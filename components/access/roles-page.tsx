"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { toast } from "sonner";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { type Column, DataTable } from "@/components/ui/data-table";
import { ConfirmDialog } from "@/components/ui/dialog";
import { toastFailure } from "@/components/ui/failure";
import { humanize } from "@/components/ui/format";
import { Toolbar } from "@/components/ui/page";
import { QueryView, TableSkeleton } from "@/components/ui/states";
import { Badge } from "@/components/ui/status";
import { RoleDialog, type RoleValues } from "./role-dialog";

interface Role extends RoleValues {
  builtIn: boolean;
}

/** What each role may do, and the workspace's own roles. */
export function RolesPage() {
  const trpc = useTRPC();
  const roles = useQuery(trpc.access.listRoles.queryOptions());
  const [editing, setEditing] = useState<RoleValues | "new" | null>(null);
  return (
    <>
      <Toolbar className="justify-between">
        <p className="text-13 text-fg-muted">A role is a name for a set of permissions.</p>
        <Allowed permission="members:write" explain>
          <Button variant="primary" onClick={() => setEditing("new")}>
            <Plus aria-hidden className="size-3.5" />
            Create role
          </Button>
        </Allowed>
      </Toolbar>
      <Card flush>
        <QueryView query={roles} skeleton={<TableSkeleton rows={5} />}>
          {(data) => <RoleTable roles={data.items} onEdit={setEditing} />}
        </QueryView>
      </Card>
      {editing && (
        <RoleDialog role={editing === "new" ? null : editing} onClose={() => setEditing(null)} />
      )}
    </>
  );
}

function RoleTable({ roles, onEdit }: { roles: Role[]; onEdit: (role: Role) => void }) {
  const editable = useWorkspace().can("members:write");
  const columns = useMemo<Column<Role>[]>(
    () => [
      {
        id: "name",
        header: "Role",
        card: "title",
        cell: (role) => <span className="font-medium">{humanize(role.name)}</span>,
      },
      {
        id: "kind",
        header: "Kind",
        cell: (role) => <Badge>{role.builtIn ? "built in" : "custom"}</Badge>,
      },
      {
        id: "permissions",
        header: "May",
        cell: (role) => (
          <span className="block max-w-xl whitespace-normal text-fg-muted text-xs">
            {role.permissions.join(", ") || "nothing"}
          </span>
        ),
      },
      {
        id: "actions",
        header: <span className="sr-only">Actions</span>,
        card: "corner",
        align: "right",
        cell: (role) =>
          editable && !role.builtIn ? (
            <span className="inline-flex gap-1">
              <Button size="sm" variant="ghost" onClick={() => onEdit(role)}>
                Edit
              </Button>
              <DeleteRole name={role.name} />
            </span>
          ) : null,
      },
    ],
    [editable, onEdit],
  );
  return <DataTable label="Roles" rows={roles} columns={columns} rowKey={(role) => role.name} />;
}

function DeleteRole({ name }: { name: string }) {
  const trpc = useTRPC();
  const remove = useMutation(
    trpc.access.deleteRole.mutationOptions({
      onError: toastFailure,
      onSuccess: () => toast.success(`${humanize(name)} is deleted`),
    }),
  );
  return (
    <ConfirmDialog
      trigger={
        <Button size="sm" variant="ghost" aria-label={`Delete ${name}`}>
          Delete
        </Button>
      }
      title={`Delete the role ${humanize(name)}?`}
      confirmLabel="Delete"
      onConfirm={() => remove.mutate({ name })}
    >
      Nobody may have it any more. This cannot be undone.
    </ConfirmDialog>
  );
}
