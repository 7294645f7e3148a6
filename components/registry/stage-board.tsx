"use client";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Boxes, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { useWorkspace, WhomToAsk } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import type { VersionSummary } from "@/components/trpc/outputs";
import { cn } from "@/components/ui/class-names";
import { LoadMore } from "@/components/ui/load-more";
import { ScrollRegion } from "@/components/ui/scroll-region";
import { EmptyState, QueryView, Skeleton } from "@/components/ui/states";
import { BoardCard } from "./board-card";
import type { Model } from "./model-page";
import { RequestStageDialog } from "./request-stage-dialog";
import { StageDot } from "./stage-badge";
import { type Stage, stageName, useStages } from "./use-stages";

/** Versions a board begins with. */
const VERSIONS_SHOWN = 100;

interface Move {
  version: VersionSummary;
  to: string;
}

/** The versions of a model by stage; moved by dragging, by a menu or by the arrow keys. */
export function StageBoard({ model }: { model: Model }) {
  const trpc = useTRPC();
  const stages = useStages();
  const [move, setMove] = useState<Move | null>(null);
  const [dragged, setDragged] = useState<VersionSummary | null>(null);
  const movable = useWorkspace().can("models:write");
  const versions = useInfiniteQuery(
    trpc.registry.listVersions.infiniteQueryOptions(
      { model: model.id, limit: VERSIONS_SHOWN },
      { getNextPageParam: (page) => page.nextCursor ?? undefined },
    ),
  );
  const marks = useMarks(model.id);
  const drop = (to: string) => {
    if (dragged && dragged.stage !== to) setMove({ version: dragged, to });
    setDragged(null);
  };
  return (
    <QueryView query={versions} skeleton={<Skeleton className="h-72" />}>
      {(data) => {
        const items = data.pages.flatMap((page) => page.items);
        if (items.length === 0) return <NoVersions />;
        return (
          <>
            {!movable && <WhomToAsk permission="models:write" />}
            <ScrollRegion label="Stages" className="relative mt-1 overflow-x-auto pb-2">
              <ol className="flex min-w-full items-stretch gap-3">
                {stages.map((stage) => (
                  <Lane
                    key={stage.key}
                    stage={stage}
                    over={dragged !== null && dragged.stage !== stage.key}
                    count={items.filter((version) => version.stage === stage.key).length}
                    onDrop={() => drop(stage.key)}
                  >
                    {items
                      .filter((version) => version.stage === stage.key)
                      .map((version) => (
                        <BoardCard
                          key={version.id}
                          version={version}
                          stages={stages}
                          movable={movable}
                          marks={marks.get(version.id) ?? []}
                          onDrag={setDragged}
                          onMove={(to) => setMove({ version, to })}
                        />
                      ))}
                  </Lane>
                ))}
              </ol>
            </ScrollRegion>
            <LoadMore query={versions} />
            {move && <RequestStageDialog {...move} onClose={() => setMove(null)} />}
          </>
        );
      }}
    </QueryView>
  );
}

/** What a card says beside its version: its aliases, and where it waits to go. */
function useMarks(model: string): Map<string, string[]> {
  const trpc = useTRPC();
  const stages = useStages();
  const aliases = useQuery(trpc.registry.listAliases.queryOptions({ model }));
  const waiting = useQuery(
    trpc.registry.listApprovals.queryOptions({ model, state: "open", limit: 200 }),
  );
  const marks = new Map<string, string[]>();
  const add = (version: string, mark: string) =>
    marks.set(version, [...(marks.get(version) ?? []), mark]);
  for (const { versionId, alias } of aliases.data ?? []) add(versionId, `@${alias}`);
  for (const { versionId, toStage } of waiting.data?.items ?? []) {
    add(versionId, `waits for ${stageName(stages, toStage)}`);
  }
  return marks;
}

const NoVersions = () => (
  <EmptyState icon={<Boxes aria-hidden />} title="No versions yet">
    The first version starts in the first stage.
  </EmptyState>
);

/** One stage; lights up while something that may enter it is dragged. */
function Lane({
  stage,
  count,
  over,
  onDrop,
  children,
}: {
  stage: Stage;
  count: number;
  over: boolean;
  onDrop: () => void;
  children: React.ReactNode;
}) {
  return (
    <li
      data-stage={stage.key}
      onDragOver={(event) => over && event.preventDefault()}
      onDrop={onDrop}
      className={cn(
        "relative flex min-h-56 w-60 min-w-44 flex-1 flex-col rounded-lg border bg-muted p-2",
        over && "border-accent border-dashed bg-accent-soft",
      )}
    >
      <div className="mb-2 flex min-h-6 items-center gap-2 px-1 text-13">
        <StageDot color={stage.color} />
        <h3 className="truncate font-semibold">{stage.name}</h3>
        <span className="text-fg-subtle text-xs tabular-nums">{count}</span>
        {stage.needsApproval && (
          <span className="ml-auto shrink-0 text-fg-subtle" title="Needs approval">
            <ShieldCheck aria-hidden className="size-3.5" />
            <span className="sr-only">needs approval</span>
          </span>
        )}
      </div>
      <ul aria-label={stage.name} className="flex flex-1 flex-col gap-2">
        {children}
      </ul>
    </li>
  );
}
