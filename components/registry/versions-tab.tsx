"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Boxes, Globe, Upload } from "lucide-react";
import { useQueryStates } from "nuqs";
import { useMemo } from "react";
import { modelSearchParams } from "@/app/(workspace)/[workspace]/registry/search-params";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { algorithmLabel } from "@/components/training/algorithm-label";
import { useTRPC } from "@/components/trpc/client";
import type { VersionSummary } from "@/components/trpc/outputs";
import { Button, LinkButton } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { type Column, DataTable } from "@/components/ui/data-table";
import { formatMetric } from "@/components/ui/format";
import { LoadMore } from "@/components/ui/load-more";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { RelativeTime } from "@/components/ui/time";
import { Checkbox } from "@/components/ui/toggles";
import { COMPARED_VERSIONS_MAX } from "@/server/registry/constants";
import { Comparison } from "./comparison";
import { RegisterExternalDialog } from "./external/register-dialog";
import type { Model } from "./model-page";
import { StageBadge } from "./stage-badge";
import { UploadVersionDialog } from "./upload-version-dialog";

/** Metric columns of the table; the version page has all of them. */
const METRICS_SHOWN = 4;

/** Versions, newest first; a few of them side by side. */
export function VersionsTab({ model }: { model: Model }) {
  const trpc = useTRPC();
  const versions = useInfiniteQuery(
    trpc.registry.listVersions.infiniteQueryOptions(
      { model: model.id },
      { getNextPageParam: (page) => page.nextCursor ?? undefined },
    ),
  );
  const [{ compare, upload, external }, setParams] = useQueryStates(modelSearchParams);
  return (
    <div className="space-y-4">
      <Allowed permission="models:write">
        <div className="flex flex-wrap justify-end gap-2">
          <Button size="sm" onClick={() => void setParams({ external: true })}>
            <Globe aria-hidden className="size-3.5" />
            Register external model
          </Button>
          <Button size="sm" onClick={() => void setParams({ upload: true })}>
            <Upload aria-hidden className="size-3.5" />
            Upload a model
          </Button>
        </div>
        {upload && (
          <UploadVersionDialog model={model} onClose={() => void setParams({ upload: false })} />
        )}
        {external && (
          <RegisterExternalDialog
            model={model}
            onClose={() => void setParams({ external: false })}
          />
        )}
      </Allowed>
      {compare.length >= 2 && (
        <Comparison
          model={model.id}
          versions={compare}
          onClose={() => void setParams({ compare: null })}
        />
      )}
      <Card flush>
        <QueryView query={versions} skeleton={<TableSkeleton />}>
          {(data) => {
            const items = data.pages.flatMap((page) => page.items);
            if (items.length === 0) return <NoVersions model={model} />;
            return (
              <>
                <VersionTable model={model} versions={items} />
                <LoadMore query={versions} />
              </>
            );
          }}
        </QueryView>
      </Card>
      {compare.length === 1 && (
        <p role="status" className="text-fg-subtle text-xs">
          v{compare[0]} is chosen. Choose another version to compare.{" "}
          <Button size="sm" variant="ghost" onClick={() => void setParams({ compare: null })}>
            Clear
          </Button>
        </p>
      )}
    </div>
  );
}

function NoVersions({ model }: { model: Model }) {
  const { path } = useWorkspace();
  return (
    <EmptyState
      icon={<Boxes aria-hidden />}
      title="No versions yet"
      action={
        <Allowed permission="training:write" explain>
          <LinkButton variant="primary" href={`${path("training", "new")}?model=${model.id}`}>
            Train the first version
          </LinkButton>
        </Allowed>
      }
    >
      A finished training adds a version with its metrics, signature and artifacts.
    </EmptyState>
  );
}

/** Test metrics most versions have, so that the columns fit this model. */
function commonMetrics(versions: VersionSummary[]): string[] {
  const counts = new Map<string, number>();
  for (const version of versions) {
    for (const name of Object.keys(version.metrics.test)) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, METRICS_SHOWN)
    .map(([name]) => name);
}

function VersionTable({ model, versions }: { model: Model; versions: VersionSummary[] }) {
  const { path } = useWorkspace();
  const [{ compare }, setParams] = useQueryStates(modelSearchParams);
  const columns = useMemo<Column<VersionSummary>[]>(() => {
    const toggle = (number: number, on: boolean) =>
      void setParams({
        compare: on ? [...compare, number] : compare.filter((other) => other !== number),
      });
    return [
      {
        id: "compare",
        header: <span className="sr-only">Compare</span>,
        card: "corner",
        className: "relative z-10 w-8 pr-0",
        cell: (version) => (
          <span className="relative z-10">
            <Checkbox
              label={`Compare v${version.number}`}
              hideLabel
              checked={compare.includes(version.number)}
              disabled={
                !compare.includes(version.number) && compare.length >= COMPARED_VERSIONS_MAX
              }
              onChange={(on) => toggle(version.number, on)}
            />
          </span>
        ),
      },
      {
        id: "number",
        header: "Version",
        card: "title",
        sortValue: (version) => version.number,
        cell: (version) => (
          <>
            v{version.number}{" "}
            {version.semanticVersion && (
              <code className="font-mono text-fg-muted text-xs">{version.semanticVersion} </code>
            )}
            {version.label && <span className="text-fg-subtle">{version.label}</span>}
          </>
        ),
      },
      {
        id: "algorithm",
        header: "Algorithm",
        sortValue: (version) => version.algorithm,
        cell: (version) => (version.algorithm ? algorithmLabel(version.algorithm) : "–"),
      },
      ...commonMetrics(versions).map(
        (name): Column<VersionSummary> => ({
          id: `metric ${name}`,
          header: name,
          align: "right",
          sortValue: (version) => version.metrics.test[name] ?? null,
          cell: (version) => formatMetric(version.metrics.test[name]),
        }),
      ),
      { id: "stage", header: "Stage", cell: (version) => <StageBadge stage={version.stage} /> },
      {
        id: "created",
        header: "Created",
        sortValue: (version) => version.createdAt,
        cell: (version) => <RelativeTime at={version.createdAt} />,
      },
    ];
  }, [versions, compare, setParams]);
  return (
    <DataTable
      label="Versions"
      rows={versions}
      columns={columns}
      rowKey={(version) => version.id}
      rowHref={(version) => path("registry", model.id, "versions", version.number)}
    />
  );
}
