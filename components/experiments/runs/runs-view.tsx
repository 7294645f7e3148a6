"use client";
import { useQuery } from "@tanstack/react-query";
import { useQueryStates } from "nuqs";
import { useMemo, useState } from "react";
import { runsSearchParams } from "@/app/(workspace)/[workspace]/experiments/search-params";
import { useTRPC } from "@/components/trpc/client";
import { toFailure } from "@/components/ui/failure";
import { Toolbar } from "@/components/ui/page";
import { Segmented } from "@/components/ui/toggles";
import { BulkBar } from "./bulk-bar";
import { ColumnPicker } from "./column-picker";
import { ExportMenu } from "./export-menu";
import { FilterBuilder } from "./filter-builder";
import { GroupPicker } from "./group-picker";
import { GroupTable } from "./group-table";
import { QueryBar } from "./query-bar";
import { defaultColumns, parseColumn } from "./run-columns";
import { orderTerm, RunsGrid } from "./runs-grid";
import { useBaseline } from "./use-baseline";
import { useRunRows } from "./use-run-rows";
import { ViewsMenu } from "./views-menu";

/** The runs of an experiment: filtered, sorted, grouped and compared, all of it in the URL. */
export function RunsView({ experiment }: { experiment: string }) {
  const trpc = useTRPC();
  const [params, setParams] = useQueryStates(runsSearchParams);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const experimentIds = useMemo(() => [experiment], [experiment]);
  const keys = useQuery(trpc.experiments.listColumns.queryOptions({ experimentIds }));
  const columns = useMemo(() => {
    const ids = params.cols ?? (keys.data ? defaultColumns(keys.data) : []);
    return ids.filter((id) => parseColumn(id) !== undefined);
  }, [params.cols, keys.data]);
  const orderBy = useMemo(() => orderTerm(params.sort, params.desc), [params.sort, params.desc]);
  const runs = useRunRows({
    experimentIds,
    filter: params.q,
    orderBy,
    view: params.view,
    columns,
    enabled: (params.cols !== null || keys.data !== undefined) && params.group.length === 0,
  });
  const baseline = useBaseline({ base: params.base, rows: runs.rows, columns });
  const refused = runs.query.error ? toFailure(runs.query.error) : null;
  const isFilterWrong = refused?.code === "validation_failed" || refused?.code === "bad_request";
  const setFilter = (q: string) => void setParams({ q });
  const groupable = columns.filter((id) => /^[pt]:/.test(id));
  return (
    <>
      <Toolbar className="items-start">
        <QueryBar
          experimentIds={experimentIds}
          value={params.q}
          onChange={setFilter}
          error={isFilterWrong ? refused.detail : null}
        />
        <FilterBuilder filter={params.q} keys={keys.data} onChange={setFilter} />
        <ColumnPicker
          keys={keys.data}
          shown={columns}
          onShown={(cols) => void setParams({ cols })}
          onReset={() => void setParams({ cols: null, w: null, pin: null })}
        />
        <GroupPicker
          keys={keys.data}
          group={params.group}
          onGroup={(group) => void setParams({ group })}
        />
        <ViewsMenu page={`experiment:${experiment}`} />
        <ExportMenu
          experiment={experiment}
          filter={params.q}
          orderBy={orderBy}
          view={params.view}
        />
        <Segmented
          label="Which runs"
          value={params.view}
          onChange={(view) => {
            setChosen(new Set());
            void setParams({ view });
          }}
          choices={[
            { value: "active", label: "Active" },
            { value: "deleted", label: "Archived" },
          ]}
        />
      </Toolbar>
      {params.group.length > 0 ? (
        <GroupTable
          experimentIds={experimentIds}
          filter={params.q}
          view={params.view}
          group={params.group}
          columns={columns}
          onOpen={(q) => void setParams({ q, group: [] })}
        />
      ) : (
        <RunsGrid
          runs={runs}
          keys={keys}
          columns={columns}
          params={params}
          baseline={baseline}
          isFilterWrong={isFilterWrong}
          chosen={chosen}
          onChosen={setChosen}
          groupable={groupable}
          onParams={(next) => void setParams(next)}
        />
      )}
      <BulkBar
        chosen={chosen}
        archived={params.view === "deleted"}
        base={params.base}
        onBase={(base) => void setParams({ base })}
        onClear={() => setChosen(new Set())}
      />
    </>
  );
}
