"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useQueryStates } from "nuqs";
import { datasetSearchParams } from "@/app/(workspace)/[workspace]/datasets/search-params";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { formatCount } from "@/components/ui/format";
import { ScrollRegion } from "@/components/ui/scroll-region";
import { QueryView, TableSkeleton } from "@/components/ui/states";
import type { Cell, DatasetPreview } from "@/server/datasets/schemas";

const PAGE = 50;
/** Columns drawn at once; a wider table would stall the page. */
const COLUMNS_SHOWN = 100;

/** The first rows as they are. */
export function PreviewTable({ datasetId }: { datasetId: string }) {
  const trpc = useTRPC();
  const [{ offset }, setParams] = useQueryStates(datasetSearchParams);
  const preview = useQuery({
    ...trpc.datasets.preview.queryOptions({ dataset: datasetId, limit: PAGE, offset }),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Card flush>
      <QueryView query={preview} skeleton={<TableSkeleton rows={10} />}>
        {(data) => (
          <>
            <Rows preview={data} />
            <div className="flex flex-wrap items-center justify-between gap-2 border-t px-4 py-2 text-fg-subtle text-xs">
              <span className="tabular-nums">
                Rows {formatCount(data.offset + 1)} to {formatCount(data.offset + data.rows.length)}{" "}
                of {formatCount(data.totalRows)}
                {data.availableRows < data.totalRows &&
                  `; the preview holds the first ${formatCount(data.availableRows)}`}
                {data.columns.length > COLUMNS_SHOWN &&
                  `; ${COLUMNS_SHOWN} of ${formatCount(data.columns.length)} columns`}
              </span>
              <span className="flex gap-2">
                <Button
                  size="sm"
                  disabled={offset === 0}
                  onClick={() => void setParams({ offset: Math.max(0, offset - PAGE) })}
                >
                  Previous
                </Button>
                <Button
                  size="sm"
                  disabled={offset + PAGE >= data.availableRows}
                  onClick={() => void setParams({ offset: offset + PAGE })}
                >
                  Next
                </Button>
              </span>
            </div>
          </>
        )}
      </QueryView>
    </Card>
  );
}

function Rows({ preview }: { preview: DatasetPreview }) {
  const columns = preview.columns.slice(0, COLUMNS_SHOWN);
  return (
    <ScrollRegion label="Rows" className="max-h-[32rem] overflow-auto">
      <table className="border-collapse text-xs">
        <thead className="sticky top-0 z-10 bg-surface">
          <tr>
            <th scope="col" className="border-b px-3 py-2 text-right font-medium text-fg-subtle">
              #
            </th>
            {columns.map((column) => (
              <th
                key={column.name}
                scope="col"
                className="whitespace-nowrap border-b px-3 py-2 text-left font-medium"
              >
                {column.name}
                <div className="font-mono font-normal text-2xs text-fg-subtle">{column.type}</div>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row's only identity is its place.
            <tr key={index} className="hover:bg-hover">
              <td className="border-b px-3 py-1.5 text-right text-fg-subtle">
                {preview.offset + index + 1}
              </td>
              {columns.map((column) => (
                <td
                  key={column.name}
                  className="max-w-64 truncate whitespace-nowrap border-b px-3 py-1.5"
                >
                  <CellText cell={row[column.name] ?? null} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function CellText({ cell }: { cell: Cell }) {
  if (cell === null) return <span className="text-fg-subtle italic">missing</span>;
  if (typeof cell === "string") return <span title={cell}>{cell}</span>;
  return <span>{String(cell)}</span>;
}
