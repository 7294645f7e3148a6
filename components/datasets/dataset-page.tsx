"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Cpu, Ellipsis, Trash2 } from "lucide-react";
import { useParams, useRouter } from "next/navigation";
import { useQueryStates } from "nuqs";
import { useState } from "react";
import { toast } from "sonner";
import {
  DATASET_TABS,
  datasetSearchParams,
} from "@/app/(workspace)/[workspace]/datasets/search-params";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { IconButton, LinkButton } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { ConfirmDialog } from "@/components/ui/dialog";
import { toastFailure } from "@/components/ui/failure";
import { formatBytes, formatCount, humanize } from "@/components/ui/format";
import { Menu, MenuItem } from "@/components/ui/menu";
import { PageHeader } from "@/components/ui/page";
import { QueryView } from "@/components/ui/states";
import { Badge } from "@/components/ui/status";
import { Tabs } from "@/components/ui/tabs";
import { RelativeTime } from "@/components/ui/time";
import type { DatasetDto } from "@/server/datasets/schemas";
import { ColumnTable } from "./column-table";
import { PreviewTable } from "./preview-table";
import { VersionTable } from "./version-table";

/** One version of a dataset: columns, rows, other versions. */
export function DatasetPage() {
  const { dataset } = useParams<{ dataset: string }>();
  const trpc = useTRPC();
  const query = useQuery(trpc.datasets.get.queryOptions({ dataset }));
  return <QueryView query={query}>{(data) => <DatasetView dataset={data} />}</QueryView>;
}

function DatasetView({ dataset }: { dataset: DatasetDto }) {
  const { path } = useWorkspace();
  const [{ tab }, setParams] = useQueryStates(datasetSearchParams);
  return (
    <>
      <PageHeader
        crumbs={[{ label: "Datasets", href: path("datasets") }]}
        title={dataset.name}
        status={<Badge>v{dataset.version}</Badge>}
        description={dataset.description}
        meta={<DatasetFacts dataset={dataset} />}
        actions={
          <>
            <Allowed permission="training:write">
              <LinkButton
                variant="primary"
                href={`${path("training", "new")}?dataset=${dataset.id}`}
              >
                <Cpu aria-hidden className="size-3.5" />
                Train on this
              </LinkButton>
            </Allowed>
            <Allowed permission="datasets:write">
              <DatasetMenu dataset={dataset} />
            </Allowed>
          </>
        }
      />
      <Tabs
        label="Dataset"
        value={tab}
        onChange={(next) => void setParams({ tab: next, column: null, offset: null })}
        tabs={DATASET_TABS.map((value) => ({
          value,
          label: humanize(value),
          ...(value === "columns" && { count: dataset.columns.length }),
        }))}
      >
        {tab === "columns" && <ColumnTable columns={dataset.columns} rows={dataset.rows} />}
        {tab === "preview" && <PreviewTable datasetId={dataset.id} />}
        {tab === "versions" && <VersionTable dataset={dataset} />}
      </Tabs>
    </>
  );
}

const DatasetFacts = ({ dataset }: { dataset: DatasetDto }) => (
  <>
    <span className="tabular-nums">{formatCount(dataset.rows)} rows</span>
    <span>{formatBytes(dataset.sizeBytes)}</span>
    <span>{dataset.format.toUpperCase()}</span>
    <span className="inline-flex items-center">
      sha256 <code className="ml-1 font-mono">{dataset.sha256.slice(0, 12)}</code>
      <CopyButton text={dataset.sha256} label="Copy the hash" />
    </span>
    <span>
      uploaded <RelativeTime at={dataset.createdAt} /> by {dataset.createdBy ?? "Modelyard"}
    </span>
  </>
);

function DatasetMenu({ dataset }: { dataset: DatasetDto }) {
  const trpc = useTRPC();
  const router = useRouter();
  const { path } = useWorkspace();
  const [asking, setAsking] = useState(false);
  const remove = useMutation(
    trpc.datasets.delete.mutationOptions({
      onError: toastFailure,
      onSuccess: () => {
        toast.success(`${dataset.name} v${dataset.version} is deleted`);
        router.push(path("datasets"));
      },
    }),
  );
  return (
    <>
      <Menu
        trigger={
          <IconButton label="More actions" variant="secondary">
            <Ellipsis className="size-4" />
          </IconButton>
        }
      >
        <MenuItem danger onClick={() => setAsking(true)}>
          <Trash2 aria-hidden />
          Delete this version
        </MenuItem>
      </Menu>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Delete ${dataset.name} v${dataset.version}?`}
        confirmLabel="Delete"
        onConfirm={() => remove.mutate({ dataset: dataset.id })}
      >
        Nobody can train on it any more. Models trained on it keep its hash.
      </ConfirmDialog>
    </>
  );
}
