"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { toastFailure } from "@/components/ui/failure";
import { humanize } from "@/components/ui/format";
import { Select } from "@/components/ui/select";
import { QueryView, TableSkeleton } from "@/components/ui/states";
import { GRANT_ENVIRONMENTS } from "@/server/access/constants";
import { useRoleOptions } from "./use-role-options";

type Environment = (typeof GRANT_ENVIRONMENTS)[number];

/** Which roles may deploy to which environment; an environment without a grant is open. */
export function GrantsCard() {
  const trpc = useTRPC();
  const editable = useWorkspace().can("members:write");
  const grants = useQuery(trpc.access.listGrants.queryOptions({}));
  const remove = useMutation(trpc.access.deleteGrant.mutationOptions({ onError: toastFailure }));
  return (
    <Card
      title="Who may deploy where"
      description="Without an entry everybody whose role deploys may. With one, only those named and administrators."
      flush
    >
      <QueryView query={grants} skeleton={<TableSkeleton rows={2} />}>
        {(data) => (
          <ul className="divide-y">
            {data.items.map((grant) => (
              <li key={grant.id} className="flex min-h-10 items-center gap-3 px-4 py-1 text-13">
                <span className="min-w-0 flex-1 truncate">
                  {grant.granteeType === "role" ? humanize(grant.grantee) : grant.grantee} may{" "}
                  {grant.action} {grant.environment ? `to ${grant.environment}` : "model "}
                  {grant.modelId && <code className="font-mono text-xs">{grant.modelId}</code>}
                </span>
                {editable && (
                  <Button
                    size="sm"
                    variant="ghost"
                    aria-label={`Withdraw ${grant.action} from ${grant.grantee}`}
                    onClick={() => remove.mutate({ id: grant.id })}
                  >
                    Withdraw
                  </Button>
                )}
              </li>
            ))}
            {data.items.length === 0 && (
              <li className="px-4 py-3 text-13 text-fg-subtle">
                No entry: every environment is open.
              </li>
            )}
          </ul>
        )}
      </QueryView>
      {editable && <AddGrant />}
    </Card>
  );
}

function AddGrant() {
  const trpc = useTRPC();
  const roles = useRoleOptions();
  const [environment, setEnvironment] = useState<Environment>("production");
  const [role, setRole] = useState("ml_engineer");
  const add = useMutation(trpc.access.createGrant.mutationOptions({ onError: toastFailure }));
  return (
    <div className="flex flex-wrap items-center gap-2 border-t px-4 py-3 text-13">
      <span>Let</span>
      <Select ariaLabel="Role" value={role} onChange={setRole} options={roles} />
      <span>deploy to</span>
      <Select
        ariaLabel="Environment"
        value={environment}
        onChange={setEnvironment}
        options={GRANT_ENVIRONMENTS.map((value) => ({ value, label: humanize(value) }))}
      />
      <Button
        loading={add.isPending}
        onClick={() =>
          add.mutate({ environment, action: "deploy", granteeType: "role", grantee: role })
        }
      >
        Add
      </Button>
    </div>
  );
}
