"use client";
import { ChartLine, Download, Table2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { IconButton } from "@/components/ui/button";
import { cn } from "@/components/ui/class-names";
import { ScrollRegion } from "@/components/ui/scroll-region";

/** The numbers behind a chart, first column first. */
export interface ChartTable {
  columns: string[];
  rows: (string | number | null)[][];
}

/** Rows a page shows of a long table; the file holds all. */
const ROWS_SHOWN = 200;

function toCsv(table: ChartTable): string {
  const field = (value: string | number | null) => {
    const text = value === null ? "" : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [table.columns, ...table.rows].map((row) => row.map(field).join(",")).join("\n");
}

function download(name: string, text: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** A figure with a title, a text summary, the same numbers as a table, and as a file. */
export function ChartFrame({
  title,
  summary,
  table,
  controls,
  children,
  bare,
}: {
  title: string;
  /** What a reader should take from the chart, in words. */
  summary: string;
  /** Called only when somebody asks for the table. */
  table: () => ChartTable;
  controls?: ReactNode;
  children: ReactNode;
  /** No border: the chart sits in a card already. */
  bare?: boolean;
}) {
  const [asTable, setAsTable] = useState(false);
  return (
    <figure
      className={cn("min-w-0", !bare && "rounded-lg border bg-surface px-4 pt-2 pb-3 shadow-card")}
    >
      <div className="mb-1 flex min-h-8 flex-wrap items-center gap-1">
        <figcaption className="relative min-w-0 flex-1 truncate font-semibold text-13">
          {title}
          <span className="sr-only">. {summary}</span>
        </figcaption>
        {controls}
        <IconButton
          size="icon-sm"
          label={asTable ? `Show as chart: ${title}` : `View as table: ${title}`}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? <ChartLine className="size-3.5" /> : <Table2 className="size-3.5" />}
        </IconButton>
        {asTable && (
          <IconButton
            size="icon-sm"
            label={`Download as CSV: ${title}`}
            onClick={() => download(title, toCsv(table()))}
          >
            <Download className="size-3.5" />
          </IconButton>
        )}
      </div>
      {asTable ? <ChartAsTable title={title} table={table()} /> : children}
    </figure>
  );
}

function ChartAsTable({ title, table }: { title: string; table: ChartTable }) {
  const shown = table.rows.slice(0, ROWS_SHOWN);
  return (
    <ScrollRegion label={`${title} as a table`} className="max-h-64 overflow-auto">
      <table className="w-full text-xs">
        <thead className="sticky top-0 bg-surface">
          <tr>
            {table.columns.map((column) => (
              <th key={column} scope="col" className="border-b px-2 py-1 text-left font-medium">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a series have no other identity.
            <tr key={index}>
              {row.map((value, column) => (
                <td key={table.columns[column]} className="border-b px-2 py-1">
                  {value ?? "–"}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {table.rows.length > shown.length && (
        <p className="py-2 text-fg-subtle text-xs">
          {shown.length} of {table.rows.length} rows. Download the CSV for all of them.
        </p>
      )}
    </ScrollRegion>
  );
}
