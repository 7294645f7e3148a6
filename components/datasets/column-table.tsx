"use client";
import { useQueryStates } from "nuqs";
import { useDeferredValue, useMemo, useState } from "react";
import { datasetSearchParams } from "@/app/(workspace)/[workspace]/datasets/search-params";
import { Card } from "@/components/ui/card";
import { type Column, DataTable } from "@/components/ui/data-table";
import { formatCount, formatMetric, formatPercent } from "@/components/ui/format";
import { Toolbar } from "@/components/ui/page";
import { SearchField } from "@/components/ui/search-field";
import { Badge } from "@/components/ui/status";
import type { DatasetColumn } from "@/server/datasets/schemas";
import { boundText } from "./bound-text";
import { ColumnDialog } from "./column-dialog";
import { MiniHistogram } from "./mini-histogram";

/** A wide table shows this many columns until somebody searches. */
const SHOWN = 200;

/** Type, gaps, range and distribution of every column. */
export function ColumnTable({ columns, rows }: { columns: DatasetColumn[]; rows: number }) {
  const [{ column: open }, setParams] = useQueryStates(datasetSearchParams);
  const [search, setSearch] = useState("");
  const wanted = useDeferredValue(search.trim().toLowerCase());
  const matching = columns.filter((column) => column.name.toLowerCase().includes(wanted));
  const definitions = useMemo<Column<DatasetColumn>[]>(
    () => [
      {
        id: "name",
        header: "Column",
        card: "title",
        sortValue: (column) => column.name,
        cell: (column) => (
          <button
            type="button"
            onClick={() => void setParams({ column: column.name })}
            className="max-w-72 truncate text-left font-medium after:absolute after:inset-0"
          >
            {column.name}
          </button>
        ),
      },
      {
        id: "type",
        header: "Type",
        card: "corner",
        sortValue: (column) => column.type,
        cell: (column) => <Badge mono>{column.type}</Badge>,
      },
      {
        id: "nulls",
        header: "Missing",
        align: "right",
        sortValue: (column) => column.nullCount,
        cell: (column) => <Missing count={column.nullCount} rows={rows} />,
      },
      {
        id: "distinct",
        header: "Distinct",
        align: "right",
        sortValue: (column) => column.distinct,
        cell: (column) => formatCount(column.distinct),
      },
      { id: "min", header: "Min", align: "right", cell: (column) => <Bound of={column.min} /> },
      { id: "max", header: "Max", align: "right", cell: (column) => <Bound of={column.max} /> },
      {
        id: "mean",
        header: "Mean",
        align: "right",
        cell: (column) => formatMetric(column.mean),
      },
      {
        id: "distribution",
        header: "Distribution",
        cell: (column) => <MiniHistogram column={column} />,
      },
    ],
    [rows, setParams],
  );
  return (
    <>
      {columns.length > 12 && (
        <Toolbar>
          <SearchField label="Find a column" value={search} onChange={setSearch} />
        </Toolbar>
      )}
      <Card flush>
        <DataTable
          label="Columns"
          rows={matching.slice(0, SHOWN)}
          columns={definitions}
          rowKey={(column) => column.name}
          footer={
            matching.length > SHOWN && (
              <p className="border-t px-4 py-2 text-fg-subtle text-xs">
                {SHOWN} of {formatCount(matching.length)} columns. Search to find the others.
              </p>
            )
          }
        />
      </Card>
      <ColumnDialog
        column={columns.find((column) => column.name === open) ?? null}
        rows={rows}
        onClose={() => void setParams({ column: null })}
      />
    </>
  );
}

const Bound = ({ of }: { of: DatasetColumn["min"] }) => (
  <span className="inline-block max-w-32 truncate align-bottom" title={boundText(of)}>
    {boundText(of)}
  </span>
);

function Missing({ count, rows }: { count: number; rows: number }) {
  if (count === 0) return <span className="text-fg-subtle">0</span>;
  return (
    <span title={`${formatCount(count)} of ${formatCount(rows)} rows`}>
      {formatCount(count)}{" "}
      <span className="text-warning">{formatPercent(count / Math.max(rows, 1))}</span>
    </span>
  );
}
