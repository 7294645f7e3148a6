"use client";
import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useQueryStates } from "nuqs";
import { grantsSearchParams } from "@/app/(workspace)/[workspace]/settings/grants/search-params";
import { Allowed } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Toolbar } from "@/components/ui/page";
import { QueryView, TableSkeleton } from "@/components/ui/states";
import { GrantDialog } from "./grant-dialog";
import { GrantList } from "./grant-list";
import { type Grant, groupGrants } from "./group-grants";

/** Who may deploy to which environment, and change, approve or deploy which model. */
export function GrantsPage() {
  const trpc = useTRPC();
  const [{ add, model }, setParams] = useQueryStates(grantsSearchParams);
  const grants = useQuery(trpc.access.listGrants.queryOptions({}));
  return (
    <>
      <Toolbar className="justify-between">
        <p className="max-w-2xl text-13 text-fg-muted">
          Roles say what somebody may do at all; grants narrow it down for one environment or model.
          Where there is no grant, the role is enough.
        </p>
        <Allowed permission="members:write" explain>
          <Button variant="primary" onClick={() => void setParams({ add: true })}>
            <Plus aria-hidden className="size-3.5" />
            Add grant
          </Button>
        </Allowed>
      </Toolbar>
      <QueryView query={grants} skeleton={<Loading />}>
        {(data) => <Sections grants={data.items} />}
      </QueryView>
      {add && (
        <GrantDialog
          grants={grants.data?.items ?? []}
          modelId={model}
          onClose={() => void setParams({ add: false, model: "" })}
        />
      )}
    </>
  );
}

const Loading = () => (
  <Card flush>
    <TableSkeleton rows={3} />
  </Card>
);

function Sections({ grants }: { grants: Grant[] }) {
  const groups = groupGrants(grants);
  return (
    <div className="space-y-5">
      <Card title="Environments" description="Who may deploy to each." flush>
        <GrantList label="Environments" groups={groups.filter((group) => group.environment)} />
      </Card>
      <Card title="Models" description="Who may change, approve or deploy each." flush>
        <GrantList label="Models" groups={groups.filter((group) => group.modelId)} />
      </Card>
    </div>
  );
}
