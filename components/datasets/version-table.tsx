"use client";
import { useQuery } from "@tanstack/react-query";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Card } from "@/components/ui/card";
import { type Column, DataTable } from "@/components/ui/data-table";
import { formatBytes, formatCount } from "@/components/ui/format";
import { QueryView, TableSkeleton } from "@/components/ui/states";
import { Badge } from "@/components/ui/status";
import { RelativeTime } from "@/components/ui/time";
import type { DatasetDto, DatasetSummary } from "@/server/datasets/schemas";

/** All versions under one name. */
export function VersionTable({ dataset }: { dataset: DatasetDto }) {
  const trpc = useTRPC();
  const { path } = useWorkspace();
  const versions = useQuery(trpc.datasets.versions.queryOptions({ dataset: dataset.id }));
  const columns: Column<DatasetSummary>[] = [
    {
      id: "version",
      header: "Version",
      card: "title",
      cell: (version) => (
        <>
          v{version.version} {version.id === dataset.id && <Badge tone="active">shown here</Badge>}
        </>
      ),
    },
    { id: "rows", header: "Rows", align: "right", cell: (v) => formatCount(v.rows) },
    { id: "columns", header: "Columns", align: "right", cell: (v) => formatCount(v.columnCount) },
    { id: "size", header: "Size", align: "right", cell: (v) => formatBytes(v.sizeBytes) },
    {
      id: "hash",
      header: "sha256",
      cell: (version) => <code className="font-mono text-xs">{version.sha256.slice(0, 12)}</code>,
    },
    { id: "by", header: "By", cell: (version) => version.createdBy ?? "Modelyard" },
    { id: "created", header: "Created", cell: (v) => <RelativeTime at={v.createdAt} /> },
  ];
  return (
    <Card flush>
      <QueryView query={versions} skeleton={<TableSkeleton rows={2} />}>
        {(data) => (
          <DataTable
            label="Versions"
            rows={data}
            columns={columns}
            rowKey={(version) => version.id}
            rowHref={(version) => path("datasets", version.id)}
          />
        )}
      </QueryView>
    </Card>
  );
}
