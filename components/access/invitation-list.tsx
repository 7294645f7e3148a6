"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { toast } from "sonner";
import { Allowed } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { toastFailure } from "@/components/ui/failure";
import { humanize } from "@/components/ui/format";
import { RelativeTime } from "@/components/ui/time";

/** Links that were handed out and not used yet. Nothing is shown while there are none. */
export function InvitationList() {
  const trpc = useTRPC();
  const invitations = useQuery(trpc.access.listInvitations.queryOptions());
  const revoke = useMutation(
    trpc.access.revokeInvitation.mutationOptions({
      onError: toastFailure,
      onSuccess: () => {
        void invitations.refetch();
        toast.success("The invitation is withdrawn");
      },
    }),
  );
  const items = invitations.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Card title="Pending invitations" flush>
      <ul className="divide-y">
        {items.map((item) => (
          <li
            key={item.id}
            className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2 text-13"
          >
            <span className="font-medium">{item.name}</span>
            {item.email && <span className="text-fg-subtle">{item.email}</span>}
            <span className="text-fg-muted">{humanize(item.role)}</span>
            <span className="ml-auto text-fg-subtle text-xs">
              made <RelativeTime at={item.createdAt} />
            </span>
            <Allowed permission="members:write">
              <Button size="sm" variant="ghost" onClick={() => revoke.mutate({ id: item.id })}>
                Withdraw
              </Button>
            </Allowed>
          </li>
        ))}
      </ul>
    </Card>
  );
}
