"use client";
import { useQuery } from "@tanstack/react-query";
import { Cpu } from "lucide-react";
import { useParams } from "next/navigation";
import { useQueryStates } from "nuqs";
import {
  MODEL_TABS,
  modelSearchParams,
} from "@/app/(workspace)/[workspace]/registry/search-params";
import { Allowed, useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";
import { LinkButton } from "@/components/ui/button";
import { humanize } from "@/components/ui/format";
import { PageHeader } from "@/components/ui/page";
import { QueryView } from "@/components/ui/states";
import { Badge } from "@/components/ui/status";
import { Tabs } from "@/components/ui/tabs";
import { RelativeTime } from "@/components/ui/time";
import { AliasesTab } from "./aliases-tab";
import { ApprovalsTab } from "./approvals-tab";
import { BenchmarksTab } from "./benchmarks-tab";
import { CardTab } from "./card-tab";
import { HistoryTab } from "./history-tab";
import { LineageTab } from "./lineage-tab";
import { MetricsTab } from "./metrics-tab";
import { ModelMenu } from "./model-menu";
import { StageBoard } from "./stage-board";
import { TagList } from "./tag-list";
import { VersionsTab } from "./versions-tab";

export type Model = Outputs["registry"]["getModel"];

const LABELS = {
  versions: "Versions",
  board: "Stages",
  approvals: "Approvals",
  aliases: "Aliases",
  lineage: "Lineage",
  card: "Model card",
  metrics: "Metrics",
  benchmarks: "Benchmarks",
  history: "History",
} as const;

/** One model: versions, where they came from, its card, how it got better. */
export function ModelPage() {
  const { model } = useParams<{ model: string }>();
  const trpc = useTRPC();
  const query = useQuery(trpc.registry.getModel.queryOptions({ model }));
  return <QueryView query={query}>{(data) => <ModelView model={data} />}</QueryView>;
}

function ModelView({ model }: { model: Model }) {
  const { path } = useWorkspace();
  const [{ tab }, setParams] = useQueryStates(modelSearchParams);
  return (
    <>
      <PageHeader
        crumbs={[{ label: "Models", href: path("registry") }]}
        title={model.name}
        status={
          <>
            <Badge>{humanize(model.type)}</Badge>
            <Badge>{model.framework}</Badge>
          </>
        }
        description={model.description}
        meta={
          <>
            {Object.keys(model.tags).length > 0 && <TagList tags={model.tags} shown={6} />}
            {model.targetVariable && <span>predicts {model.targetVariable}</span>}
            <span>
              changed <RelativeTime at={model.updatedAt} />
            </span>
          </>
        }
        actions={
          <>
            <Allowed permission="training:write">
              <LinkButton variant="primary" href={`${path("training", "new")}?model=${model.id}`}>
                <Cpu aria-hidden className="size-3.5" />
                Train a version
              </LinkButton>
            </Allowed>
            <Allowed permission="models:write">
              <ModelMenu model={model} />
            </Allowed>
          </>
        }
      />
      <Tabs
        label="Model"
        value={tab}
        onChange={(next) => void setParams({ tab: next, compare: null, request: null })}
        tabs={MODEL_TABS.map((value) => ({
          value,
          label: LABELS[value],
          ...(value === "versions" && { count: model.versionCount }),
        }))}
      >
        {tab === "versions" && <VersionsTab model={model} />}
        {tab === "board" && <StageBoard model={model} />}
        {tab === "approvals" && <ApprovalsTab model={model} />}
        {tab === "aliases" && <AliasesTab model={model} />}
        {tab === "lineage" && <LineageTab model={model} />}
        {tab === "card" && <CardTab model={model} />}
        {tab === "metrics" && <MetricsTab model={model} />}
        {tab === "benchmarks" && <BenchmarksTab model={model} />}
        {tab === "history" && <HistoryTab model={model} />}
      </Tabs>
    </>
  );
}
