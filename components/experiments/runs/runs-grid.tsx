"use client";
import { useCallback, useMemo } from "react";
import { useWorkspace } from "@/components/shell/workspace";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { formatCount, formatPlural } from "@/components/ui/format";
import { Grid } from "@/components/ui/grid/grid";
import { ErrorState, TableSkeleton } from "@/components/ui/states";
import { useIsNarrow } from "@/components/ui/use-is-narrow";
import { printOrder } from "@/server/experiments/filter/print-filter";
import { ColumnMenu } from "./column-menu";
import { gridColumn } from "./grid-columns";
import { NoRuns } from "./no-runs";
import {
  columnField,
  moveColumn,
  parseColumn,
  parseWidths,
  printWidths,
  type RunColumn,
} from "./run-columns";
import type { RunRow, useRunRows } from "./use-run-rows";

const NAME = "a:name";

export interface GridParams {
  q: string;
  sort: string;
  desc: boolean;
  cols: string[] | null;
  pin: string[];
  w: string[];
  view: "active" | "deleted";
  group: string[];
  base: string | null;
}

/** The clause the server sorts by; none for a column that cannot be sorted by. */
export function orderTerm(sort: string, desc: boolean): string[] {
  const column = parseColumn(sort);
  const field = column && columnField(column);
  return field ? [printOrder({ field, ascending: !desc })] : [];
}

/** Runs row by row, with columns to sort, size, pin, swap and hide. */
export function RunsGrid({
  runs,
  keys,
  columns,
  params,
  baseline,
  isFilterWrong,
  chosen,
  onChosen,
  groupable,
  onParams,
}: {
  runs: ReturnType<typeof useRunRows>;
  keys: { error: unknown; refetch: () => unknown };
  columns: string[];
  params: GridParams;
  /** The run others are compared with. */
  baseline: RunRow | undefined;
  isFilterWrong: boolean;
  chosen: ReadonlySet<string>;
  onChosen: (chosen: ReadonlySet<string>) => void;
  /** Columns the runs may be grouped by. */
  groupable: string[];
  onParams: (params: Partial<GridParams>) => void;
}) {
  const { path } = useWorkspace();
  const { query, rows, total } = runs;
  const below = useMemo(() => rows.filter((run) => run.id !== baseline?.id), [rows, baseline?.id]);
  const widths = useMemo(() => parseWidths(params.w), [params.w]);
  const drawn = useDrawnColumns({ columns, params, widths, baseline, groupable, onParams });
  const onEnd = useCallback(() => {
    if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
  }, [query.hasNextPage, query.isFetchingNextPage, query.fetchNextPage]);
  const failed = keys.error ?? (isFilterWrong && rows.length > 0 ? null : query.error);
  return (
    <Card flush>
      {failed ? (
        <ErrorState
          error={failed}
          onRetry={() => void (keys.error ? keys.refetch() : query.refetch())}
        />
      ) : query.data === undefined ? (
        <TableSkeleton />
      ) : rows.length === 0 ? (
        <NoRuns
          filtered={params.q !== ""}
          archived={params.view === "deleted"}
          onClear={() => onParams({ q: "" })}
        />
      ) : (
        <>
          <Grid<RunRow>
            label="Runs"
            rows={below}
            topRow={baseline}
            columns={drawn}
            rowKey={(run) => run.id}
            rowName={(run) => run.name}
            rowHref={(run) => path("experiments", "runs", run.id)}
            sort={{ id: params.sort, desc: params.desc }}
            onSort={({ id, desc }) => onParams({ sort: id, desc })}
            onResize={(id, width) => onParams({ w: printWidths(new Map(widths).set(id, width)) })}
            selection={{ chosen, onChange: onChosen }}
            total={total?.count ?? null}
            onEnd={onEnd}
            loadingMore={query.isFetchingNextPage}
          />
          <Foot
            rows={rows}
            total={total}
            loading={query.isFetchingNextPage}
            base={baseline}
            onNoBase={() => onParams({ base: null })}
          />
        </>
      )}
    </Card>
  );
}

interface Drawing {
  columns: string[];
  params: GridParams;
  widths: ReadonlyMap<string, number>;
  baseline: RunRow | undefined;
  groupable: string[];
  isNarrow: boolean;
  onParams: (params: Partial<GridParams>) => void;
}

function useDrawnColumns(drawing: Omit<Drawing, "isNarrow">) {
  const isNarrow = useIsNarrow();
  const { columns, params, widths, baseline, groupable, onParams } = drawing;
  return useMemo(
    () =>
      [NAME, ...columns.filter((id) => id !== NAME)].flatMap((id) => {
        const column = parseColumn(id);
        const given = { columns, params, widths, baseline, groupable, isNarrow, onParams };
        return column ? [drawColumn(id, column, given)] : [];
      }),
    [columns, params, widths, baseline, groupable, isNarrow, onParams],
  );
}

/** A column with its menu: sort, value shown, group, pin, hide. */
function drawColumn(id: string, column: RunColumn, drawing: Drawing) {
  const { columns, params, widths, baseline, groupable, onParams } = drawing;
  const pinned = params.pin.includes(id);
  const pin = pinned ? params.pin.filter((other) => other !== id) : [...params.pin, id];
  const replace = (next: string) =>
    onParams({
      cols: [...new Set(columns.map((other) => (other === id ? next : other)))],
      ...(params.sort === id && { sort: next }),
    });
  const control =
    id === NAME ? null : (
      <ColumnMenu
        column={column}
        pinned={pinned}
        onSort={(desc) => onParams({ sort: id, desc })}
        onPin={() => onParams({ pin })}
        onMove={(by) => onParams({ cols: moveColumn(columns, id, by) })}
        onReplace={replace}
        onHide={() => onParams({ cols: columns.filter((other) => other !== id) })}
        {...(groupable.includes(id) && { onGroup: () => onParams({ group: [id] }) })}
      />
    );
  const { isNarrow } = drawing;
  return gridColumn(id, column, { width: widths.get(id), isNarrow, pinned, control, baseline });
}

/** How many runs there are, and the baseline. */
function Foot({
  rows,
  total,
  loading,
  base,
  onNoBase,
}: {
  rows: RunRow[];
  total: { count: number; isExact: boolean } | null;
  loading: boolean;
  base: RunRow | undefined;
  onNoBase: () => void;
}) {
  return (
    <div className="flex min-h-10 flex-wrap items-center gap-3 border-t px-4 py-1 text-fg-subtle text-xs">
      <span aria-live="polite">
        {formatCount(rows.length)} of {total && !total.isExact ? "about " : ""}
        {formatPlural(total?.count ?? rows.length, "run")}
        {loading && ", loading more"}
      </span>
      {base && (
        <span className="ml-auto flex min-w-0 items-center gap-2">
          <span className="min-w-0 truncate">
            Compared with <strong className="font-medium text-fg">{base.name}</strong>
          </span>
          <Button size="sm" variant="ghost" onClick={onNoBase}>
            Clear the baseline
          </Button>
        </span>
      )}
    </div>
  );
}
