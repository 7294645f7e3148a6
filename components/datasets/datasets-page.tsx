"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Database, Upload } from "lucide-react";
import { useQueryStates } from "nuqs";
import { useDeferredValue, useState } from "react";
import { datasetsSearchParams } from "@/app/(workspace)/[workspace]/datasets/search-params";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { type Column, DataTable } from "@/components/ui/data-table";
import { formatBytes, formatCount } from "@/components/ui/format";
import { LoadMore } from "@/components/ui/load-more";
import { PageHeader, Toolbar } from "@/components/ui/page";
import { SearchField } from "@/components/ui/search-field";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { Badge } from "@/components/ui/status";
import { RelativeTime } from "@/components/ui/time";
import type { DatasetSummary } from "@/server/datasets/schemas";
import { UploadDialog } from "./upload-dialog";

const COLUMNS: Column<DatasetSummary>[] = [
  { id: "name", header: "Name", card: "title", cell: (dataset) => dataset.name },
  {
    id: "version",
    header: "Version",
    card: "corner",
    cell: (dataset) => <Badge>v{dataset.version}</Badge>,
  },
  { id: "rows", header: "Rows", align: "right", cell: (dataset) => formatCount(dataset.rows) },
  {
    id: "columns",
    header: "Columns",
    align: "right",
    cell: (dataset) => formatCount(dataset.columnCount),
  },
  { id: "size", header: "Size", align: "right", cell: (dataset) => formatBytes(dataset.sizeBytes) },
  { id: "format", header: "Format", cell: (dataset) => dataset.format.toUpperCase() },
  { id: "by", header: "By", cell: (dataset) => dataset.createdBy ?? "Modelyard" },
  {
    id: "created",
    header: "Created",
    cell: (dataset) => <RelativeTime at={dataset.createdAt} />,
  },
];

/** The newest version of every dataset; files can be dropped anywhere on the page. */
export function DatasetsPage() {
  const { can } = useWorkspace();
  const [{ search, upload }, setParams] = useQueryStates(datasetsSearchParams);
  const [dropped, setDropped] = useState<File | null>(null);
  const drop = useFileDrop((file) => {
    setDropped(file);
    void setParams({ upload: true });
  });
  const open = () => void setParams({ upload: true });
  const writable = can("datasets:write");
  return (
    <section aria-label="Datasets" className="min-h-[70vh]" {...(writable ? drop : {})}>
      <PageHeader
        title="Datasets"
        description="Tables to train on, kept by content, with a profile of every column."
        actions={
          <Allowed permission="datasets:write" explain>
            <Button variant="primary" onClick={open}>
              <Upload aria-hidden className="size-3.5" />
              Upload
            </Button>
          </Allowed>
        }
      />
      <Toolbar>
        <SearchField
          label="Search datasets"
          value={search}
          onChange={(next) => void setParams({ search: next })}
        />
      </Toolbar>
      <DatasetList search={search} onUpload={open} />
      <UploadDialog
        open={upload && writable}
        file={dropped}
        onOpenChange={(next) => {
          if (!next) setDropped(null);
          void setParams({ upload: next });
        }}
      />
    </section>
  );
}

function DatasetList({ search, onUpload }: { search: string; onUpload: () => void }) {
  const trpc = useTRPC();
  const { path } = useWorkspace();
  const deferred = useDeferredValue(search.trim());
  const datasets = useInfiniteQuery({
    ...trpc.datasets.list.infiniteQueryOptions(
      { search: deferred || undefined },
      { getNextPageParam: (page) => page.nextCursor ?? undefined },
    ),
    placeholderData: keepPreviousData,
  });
  return (
    <Card flush>
      <QueryView query={datasets} skeleton={<TableSkeleton />}>
        {(data) => {
          const items = data.pages.flatMap((page) => page.items);
          return items.length === 0 ? (
            <NoDatasets searched={deferred !== ""} onUpload={onUpload} />
          ) : (
            <DataTable
              label="Datasets"
              rows={items}
              columns={COLUMNS}
              rowKey={(dataset) => dataset.id}
              rowHref={(dataset) => path("datasets", dataset.id)}
              footer={<LoadMore query={datasets} />}
            />
          );
        }}
      </QueryView>
    </Card>
  );
}

function NoDatasets({ searched, onUpload }: { searched: boolean; onUpload: () => void }) {
  if (searched) return <EmptyState icon={<Database aria-hidden />} title="Nothing matches" />;
  return (
    <EmptyState
      icon={<Database aria-hidden />}
      title="No datasets yet"
      action={
        <Allowed permission="datasets:write" explain>
          <Button variant="primary" onClick={onUpload}>
            <Upload aria-hidden className="size-3.5" />
            Upload a CSV or Parquet file
          </Button>
        </Allowed>
      }
    >
      Drop a file anywhere on this page. Types, missing values and distributions are found for you.
    </EmptyState>
  );
}

/** Handlers for a region files can be dropped on. Buttons do the same, for those who do not drag. */
function useFileDrop(onFile: (file: File) => void) {
  return {
    onDragOver: (event: React.DragEvent) => {
      if (event.dataTransfer.types.includes("Files")) event.preventDefault();
    },
    onDrop: (event: React.DragEvent) => {
      const file = event.dataTransfer.files[0];
      if (!file) return;
      event.preventDefault();
      onFile(file);
    },
  };
}
