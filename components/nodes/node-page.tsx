"use client";
import { useQuery } from "@tanstack/react-query";
import { Boxes } from "lucide-react";
import { useParams, useRouter } from "next/navigation";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Card, Facts } from "@/components/ui/card";
import { type Column, DataTable } from "@/components/ui/data-table";
import { formatCount } from "@/components/ui/format";
import { PageHeader } from "@/components/ui/page";
import { EmptyState, QueryView } from "@/components/ui/states";
import { TextLink } from "@/components/ui/text-link";
import { RelativeTime } from "@/components/ui/time";
import type { NodeDetailDto } from "@/server/deployments/nodes/schemas";
import { NodeButtons } from "./node-actions";
import { LabelList, MemoryBar } from "./node-load";
import { NodeState } from "./node-state";

/** One node: what it is, what it does, and which models it holds. */
export function NodePage() {
  const { node } = useParams<{ node: string }>();
  const trpc = useTRPC();
  const query = useQuery({ ...trpc.nodes.get.queryOptions({ node }), refetchInterval: 3_000 });
  return <QueryView query={query}>{(data) => <NodeView node={data} />}</QueryView>;
}

function NodeView({ node }: { node: NodeDetailDto }) {
  const { path } = useWorkspace();
  const router = useRouter();
  return (
    <>
      <PageHeader
        crumbs={[{ label: "Nodes", href: path("nodes") }]}
        title={node.name}
        status={<NodeState state={node.state} />}
        meta={
          node.lastSeenAt && (
            <span>
              last word <RelativeTime at={node.lastSeenAt} />
            </span>
          )
        }
        actions={
          node.canManage && <NodeButtons node={node} onRemoved={() => router.push(path("nodes"))} />
        }
      />
      <div className="grid items-start gap-4 lg:grid-cols-[3fr_2fr]">
        <Card flush title="Models" description={othersText(node.otherModels)}>
          <HeldModels node={node} />
        </Card>
        <NodeFacts node={node} />
      </div>
    </>
  );
}

const othersText = (count: number) =>
  count > 0 ? `and ${formatCount(count)} of other workspaces` : undefined;

type Held = NonNullable<NodeDetailDto["models"]>[number];

function HeldModels({ node }: { node: NodeDetailDto }) {
  const { path } = useWorkspace();
  const columns: Column<Held>[] = [
    {
      id: "model",
      header: "Model",
      card: "title",
      cell: (one) => (
        <TextLink href={path("registry", one.modelId, "versions", one.versionNumber)}>
          {one.modelName} v{one.versionNumber}
        </TextLink>
      ),
    },
    {
      id: "deployments",
      header: "Serves",
      card: "wide",
      className: "whitespace-normal wrap-anywhere",
      cell: (one) =>
        one.deployments.length === 0 ? (
          <span className="text-fg-subtle">kept for a rollback</span>
        ) : (
          <span className="flex flex-wrap gap-x-3">
            {one.deployments.map(({ id, name, environment }) => (
              <span key={id}>
                <TextLink href={path("deployments", id)}>{name}</TextLink>{" "}
                <span className="text-fg-subtle">{environment}</span>
              </span>
            ))}
          </span>
        ),
    },
  ];
  if (node.models === null) {
    return <EmptyState icon={<Boxes aria-hidden />} title="It cannot be asked at the moment" />;
  }
  if (node.models.length === 0) {
    return (
      <EmptyState icon={<Boxes aria-hidden />} title="It holds no model of this workspace">
        A deployment’s models are placed on the nodes that fit its labels, by their memory.
      </EmptyState>
    );
  }
  return (
    <DataTable
      label="Models on this node"
      rows={node.models}
      columns={columns}
      rowKey={(one) => one.versionId}
    />
  );
}

const requestsText = ({ inFlight, queued }: { inFlight: number; queued: number }): string =>
  queued > 0
    ? `${formatCount(inFlight)}, ${formatCount(queued)} of them waiting`
    : formatCount(inFlight);

function NodeFacts({ node }: { node: NodeDetailDto }) {
  const { load } = node;
  return (
    <Card title="Node">
      <Facts
        items={[
          { name: "Address", value: <code className="font-mono text-xs">{node.url}</code> },
          { name: "Labels", value: <LabelList labels={node.labels} /> },
          { name: "Device", value: node.device?.toUpperCase() ?? "–" },
          { name: "Memory", value: <MemoryBar node={node} /> },
          {
            name: "Models",
            value: load
              ? `${formatCount(load.models)} of ${formatCount(node.modelsMax ?? 0)}`
              : "–",
          },
          {
            name: "Requests at work",
            value: load ? requestsText(load) : "–",
          },
          { name: "Program", value: node.version ?? "–" },
          {
            name: "Registered",
            value: node.registeredAt ? <RelativeTime at={node.registeredAt} /> : "–",
          },
        ]}
      />
    </Card>
  );
}
