"use client";
import { Input } from "@base-ui/react/input";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Boxes, Plus } from "lucide-react";
import { useQueryStates } from "nuqs";
import { useDeferredValue } from "react";
import { modelsSearchParams } from "@/app/(workspace)/[workspace]/registry/search-params";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Button, LinkButton } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { cn } from "@/components/ui/class-names";
import { type Column, DataTable } from "@/components/ui/data-table";
import { INPUT } from "@/components/ui/field";
import { humanize } from "@/components/ui/format";
import { LoadMore } from "@/components/ui/load-more";
import { PageHeader, Toolbar } from "@/components/ui/page";
import { SearchField } from "@/components/ui/search-field";
import { Select } from "@/components/ui/select";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { Badge } from "@/components/ui/status";
import { RelativeTime } from "@/components/ui/time";
import { FRAMEWORKS, type Framework, MODEL_TYPES } from "@/server/registry/constants";
import type { ModelDto } from "@/server/registry/schemas";
import { CreateModelDialog } from "./create-model-dialog";
import { TagList } from "./tag-list";
import { useStages } from "./use-stages";
import { WaitingLink } from "./waiting-link";

const COLUMNS: Column<ModelDto>[] = [
  { id: "name", header: "Name", card: "title", cell: (model) => model.name },
  {
    id: "version",
    header: "Newest version",
    card: "corner",
    cell: (model) =>
      model.latestVersion === null ? (
        <span className="text-fg-subtle">none yet</span>
      ) : (
        <Badge>v{model.latestVersion}</Badge>
      ),
  },
  { id: "type", header: "Type", cell: (model) => humanize(model.type) },
  { id: "framework", header: "Framework", cell: (model) => model.framework },
  { id: "count", header: "Versions", align: "right", cell: (model) => model.versionCount },
  { id: "tags", header: "Tags", cell: (model) => <TagList tags={model.tags} /> },
  { id: "updated", header: "Changed", cell: (model) => <RelativeTime at={model.updatedAt} /> },
];

/** Every registered model. */
export function ModelsPage() {
  const { can } = useWorkspace();
  const [{ search, type, framework, stage, tag, create }, setParams] =
    useQueryStates(modelsSearchParams);
  const stages = useStages();
  const open = () => void setParams({ create: true });
  return (
    <>
      <PageHeader
        title="Models"
        description="Names under which versions are kept, with their lineage, metrics and card."
        actions={
          <>
            <WaitingLink />
            <Allowed permission="models:write" explain>
              <Button variant="primary" onClick={open}>
                <Plus aria-hidden className="size-3.5" />
                Create model
              </Button>
            </Allowed>
          </>
        }
      />
      <Toolbar>
        <SearchField
          label="Search models"
          value={search}
          onChange={(next) => void setParams({ search: next })}
        />
        <Select
          ariaLabel="Type"
          value={type ?? "all"}
          onChange={(next) => void setParams({ type: next === "all" ? null : next })}
          options={[
            { value: "all" as const, label: "Every type" },
            ...MODEL_TYPES.map((value) => ({ value, label: humanize(value) })),
          ]}
        />
        <Select
          ariaLabel="Framework"
          value={framework ?? "all"}
          onChange={(next) => void setParams({ framework: next === "all" ? null : next })}
          options={[
            { value: "all" as const, label: "Every framework" },
            ...FRAMEWORKS.map((value: Framework) => ({ value, label: value })),
          ]}
        />
        <Select
          ariaLabel="Stage"
          value={stage || "all"}
          onChange={(next) => void setParams({ stage: next === "all" ? "" : next })}
          options={[
            { value: "all", label: "Every stage" },
            ...stages.map(({ key, name }) => ({ value: key, label: `In ${name}` })),
          ]}
        />
        <Input
          aria-label="Tag"
          placeholder="Tag: key or key=value"
          value={tag}
          onValueChange={(next) => void setParams({ tag: next })}
          className={cn(INPUT, "w-full sm:w-48")}
        />
      </Toolbar>
      <ModelList onCreate={open} />
      <CreateModelDialog
        open={create && can("models:write")}
        onOpenChange={(next) => void setParams({ create: next })}
      />
    </>
  );
}

function ModelList({ onCreate }: { onCreate: () => void }) {
  const trpc = useTRPC();
  const { path } = useWorkspace();
  const [{ search, type, framework, stage, tag }] = useQueryStates(modelsSearchParams);
  const deferred = useDeferredValue(search.trim());
  const tagged = useDeferredValue(tag.trim());
  const models = useInfiniteQuery({
    ...trpc.registry.listModels.infiniteQueryOptions(
      {
        search: deferred || undefined,
        type: type ?? undefined,
        framework: framework ?? undefined,
        stage: stage || undefined,
        tag: tagged || undefined,
        sort: "updatedAt",
      },
      { getNextPageParam: (page) => page.nextCursor ?? undefined },
    ),
    placeholderData: keepPreviousData,
  });
  const filtered = Boolean(deferred || type || framework || stage || tagged);
  return (
    <Card flush>
      <QueryView query={models} skeleton={<TableSkeleton />}>
        {(data) => {
          const items = data.pages.flatMap((page) => page.items) as ModelDto[];
          if (items.length === 0) return <NoModels filtered={filtered} onCreate={onCreate} />;
          return (
            <DataTable
              label="Models"
              rows={items}
              columns={COLUMNS}
              rowKey={(model) => model.id}
              rowHref={(model) => path("registry", model.id)}
              footer={<LoadMore query={models} />}
            />
          );
        }}
      </QueryView>
    </Card>
  );
}

function NoModels({ filtered, onCreate }: { filtered: boolean; onCreate: () => void }) {
  const { path } = useWorkspace();
  if (filtered) return <NothingMatches />;
  return (
    <EmptyState
      icon={<Boxes aria-hidden />}
      title="No models yet"
      action={
        <>
          <Allowed permission="training:write">
            <LinkButton variant="primary" href={path("training", "new")}>
              Train the first one
            </LinkButton>
          </Allowed>
          <Allowed permission="models:write" explain>
            <Button onClick={onCreate}>Create an empty one</Button>
          </Allowed>
        </>
      }
    >
      A training registers a version by itself. You can also create the name first.
    </EmptyState>
  );
}

function NothingMatches() {
  const [, setParams] = useQueryStates(modelsSearchParams);
  return (
    <EmptyState
      icon={<Boxes aria-hidden />}
      title="Nothing matches"
      action={
        <Button
          onClick={() =>
            void setParams({ search: "", type: null, framework: null, stage: "", tag: "" })
          }
        >
          Clear the filters
        </Button>
      }
    />
  );
}
