"use client";
import { useQuery } from "@tanstack/react-query";
import { Plus, Server } from "lucide-react";
import { useQueryStates } from "nuqs";
import { nodesSearchParams } from "@/app/(workspace)/[workspace]/nodes/search-params";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { PageHeader } from "@/components/ui/page";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { AddNodeCommands, AddNodeDialog } from "./add-node";
import { NodeTable } from "./node-table";

/** The machines that execute models, for all workspaces of the installation. */
export function NodesPage() {
  const trpc = useTRPC();
  const [{ show }, setParams] = useQueryStates(nodesSearchParams);
  const nodes = useQuery({ ...trpc.nodes.list.queryOptions(), refetchInterval: 3_000 });
  return (
    <>
      <PageHeader
        title="Nodes"
        description="The machines that execute models. They serve every workspace of this installation."
        actions={
          nodes.data?.canManage && (
            <Button variant="primary" onClick={() => void setParams({ show: "add" })}>
              <Plus aria-hidden className="size-3.5" />
              Add a node
            </Button>
          )
        }
      />
      <Card flush>
        <QueryView query={nodes} skeleton={<TableSkeleton rows={3} />}>
          {(data) =>
            data.items.length === 0 ? (
              <NoNodes canManage={data.canManage} />
            ) : (
              <NodeTable {...data} />
            )
          }
        </QueryView>
      </Card>
      {show === "add" && <AddNodeDialog onClose={() => void setParams({ show: null })} />}
    </>
  );
}

const NoNodes = ({ canManage }: { canManage: boolean }) => (
  <>
    <EmptyState icon={<Server aria-hidden />} title="No node is there" className="pb-6">
      Deployments answer only while a node holds their model.
    </EmptyState>
    {canManage && (
      <div className="mx-auto max-w-2xl px-4 pb-10">
        <AddNodeCommands />
      </div>
    )}
  </>
);
