"use client";
import { useQuery } from "@tanstack/react-query";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";
import { LinkButton } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { type Column, DataTable } from "@/components/ui/data-table";
import { humanize } from "@/components/ui/format";
import { Badge } from "@/components/ui/status";
import { RelativeTime } from "@/components/ui/time";

type Model = Outputs["registry"]["listModels"]["items"][number];

const COLUMNS: Column<Model>[] = [
  { id: "name", header: "Name", card: "title", cell: (model) => model.name },
  {
    id: "version",
    header: "Newest version",
    card: "corner",
    cell: (model) =>
      model.latestVersion === null ? "none yet" : <Badge>v{model.latestVersion}</Badge>,
  },
  { id: "type", header: "Type", cell: (model) => humanize(model.type) },
  { id: "framework", header: "Framework", cell: (model) => model.framework },
  { id: "updated", header: "Changed", cell: (model) => <RelativeTime at={model.updatedAt} /> },
];

/** Models that changed last; nothing while there is none. */
export function RecentModels() {
  const trpc = useTRPC();
  const { path } = useWorkspace();
  const models = useQuery(trpc.registry.listModels.queryOptions({ limit: 5, sort: "updatedAt" }));
  if (!models.data || models.data.items.length === 0) return null;
  return (
    <Card
      title="Models"
      flush
      actions={
        <LinkButton size="sm" variant="ghost" href={path("registry")}>
          All models
        </LinkButton>
      }
    >
      <DataTable
        label="Recently changed models"
        rows={models.data.items}
        columns={COLUMNS}
        rowKey={(model) => model.id}
        rowHref={(model) => path("registry", model.id)}
      />
    </Card>
  );
}
