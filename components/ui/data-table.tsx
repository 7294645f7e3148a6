"use client";
import {
  type ColumnDef,
  getCoreRowModel,
  getSortedRowModel,
  type RowData,
  type SortingState,
  type Table,
  useReactTable,
} from "@tanstack/react-table";
import { ArrowDown, ArrowUp, ChevronsUpDown } from "lucide-react";
import Link from "next/link";
import { type ReactNode, useMemo, useState } from "react";
import { cn } from "./class-names";
import { useIsNarrow } from "./use-is-narrow";

/** Lines of a card; the page behind it has the rest. */
const CARD_LINES = 8;

export interface Column<Row> {
  id: string;
  header: ReactNode;
  cell: (row: Row) => ReactNode;
  /** Makes the header sort; null sorts last. */
  sortValue?: (row: Row) => string | number | null;
  align?: "right";
  /** On small screens: the card's title, its corner, a full line, or left out. By default half a line. */
  card?: "title" | "corner" | "wide" | "hide";
  className?: string;
}

interface DataTableProps<Row> {
  /** Names the table for assistive technology. */
  label: string;
  rows: Row[];
  columns: Column<Row>[];
  rowKey: (row: Row) => string;
  /** Makes the title cell a link that covers the row. */
  rowHref?: (row: Row) => string;
  /** When given, sorting is the caller's (the server's) work. */
  sort?: { id: string; desc: boolean } | null;
  onSort?: (sort: { id: string; desc: boolean }) => void;
  initialSort?: { id: string; desc: boolean };
  /** Shown under the rows: paging. */
  footer?: ReactNode;
}

/** A table that becomes cards on small screens. */
export function DataTable<Row extends RowData>(props: DataTableProps<Row>) {
  const narrow = useIsNarrow();
  const [local, setLocal] = useState<SortingState>(props.initialSort ? [props.initialSort] : []);
  const definitions = useMemo<ColumnDef<Row>[]>(
    () =>
      props.columns.map((column) => ({
        id: column.id,
        accessorFn: (row) => column.sortValue?.(row) ?? undefined,
        enableSorting: column.sortValue !== undefined,
        sortUndefined: "last",
        sortDescFirst: column.align === "right",
      })),
    [props.columns],
  );
  const table = useReactTable({
    data: props.rows,
    columns: definitions,
    getRowId: props.rowKey,
    state: { sorting: props.sort ? [props.sort] : local },
    manualSorting: props.onSort !== undefined,
    onSortingChange: (update) => {
      const next =
        typeof update === "function" ? update(props.sort ? [props.sort] : local) : update;
      if (props.onSort)
        props.onSort(next[0] ?? { id: props.sort?.id ?? "", desc: !props.sort?.desc });
      else setLocal(next);
    },
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
  });
  const Body = narrow ? Cards : Rows;
  return (
    <>
      <Body table={table} {...props} />
      {props.footer}
    </>
  );
}

type BodyProps<Row> = DataTableProps<Row> & { table: Table<Row> };

function Rows<Row>({ table, columns, label, rowHref }: BodyProps<Row>) {
  return (
    <div className="overflow-x-auto">
      <table className="w-full border-collapse text-13">
        <caption className="sr-only">{label}</caption>
        <thead>
          <tr className="border-b">
            {columns.map((column) => (
              <HeaderCell key={column.id} column={column} table={table} />
            ))}
          </tr>
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <tr
              key={row.id}
              className={cn("relative border-b last:border-b-0", rowHref && "hover:bg-hover")}
            >
              {columns.map((column) => (
                <td
                  key={column.id}
                  className={cn(
                    "h-10 whitespace-nowrap px-4 py-1.5",
                    column.align === "right" && "text-right",
                    column.className,
                  )}
                >
                  <Cell column={column} row={row.original} rowHref={rowHref} clip />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function HeaderCell<Row>({ column, table }: { column: Column<Row>; table: Table<Row> }) {
  const state = table.getColumn(column.id);
  const sorted = state?.getIsSorted();
  const Icon = sorted === "asc" ? ArrowUp : sorted === "desc" ? ArrowDown : ChevronsUpDown;
  return (
    <th
      scope="col"
      aria-sort={sorted ? (sorted === "asc" ? "ascending" : "descending") : undefined}
      className={cn(
        "h-9 whitespace-nowrap px-4 text-left font-medium text-fg-subtle text-xs",
        column.align === "right" && "text-right",
      )}
    >
      {state?.getCanSort() ? (
        <button
          type="button"
          onClick={state.getToggleSortingHandler()}
          className={cn(
            "-mx-1 inline-flex min-h-6 items-center gap-1 rounded px-1 hover:text-fg",
            sorted && "text-fg",
          )}
        >
          {column.header}
          <Icon aria-hidden className={cn("size-3", !sorted && "opacity-40")} />
        </button>
      ) : (
        column.header
      )}
    </th>
  );
}

function Cell<Row>({
  column,
  row,
  rowHref,
  clip,
}: {
  column: Column<Row>;
  row: Row;
  rowHref: ((row: Row) => string) | undefined;
  /** A long title is cut, so that the columns beside it stay in sight. */
  clip?: boolean;
}) {
  if (column.card !== "title" || !rowHref) return column.cell(row);
  return (
    <Link
      data-row
      href={rowHref(row)}
      className={cn(
        "rounded font-medium text-fg after:absolute after:inset-0",
        clip && "block max-w-112 truncate",
      )}
    >
      {column.cell(row)}
    </Link>
  );
}

function Cards<Row>({ table, columns, label, rowHref }: BodyProps<Row>) {
  const lines = columns
    .filter((column) => column.card === undefined || column.card === "wide")
    .slice(0, CARD_LINES);
  const part = (place: "title" | "corner") => columns.find((column) => column.card === place);
  const title = part("title");
  const corner = part("corner");
  return (
    <ul aria-label={label} className="divide-y">
      {table.getRowModel().rows.map((row) => (
        <li key={row.id} className="relative px-4 py-3 text-13">
          <div className="flex items-start justify-between gap-3">
            <div className="min-w-0 break-words">
              {title && <Cell column={title} row={row.original} rowHref={rowHref} />}
            </div>
            {corner && <div className="shrink-0">{corner.cell(row.original)}</div>}
          </div>
          <dl className="mt-2 grid grid-cols-2 gap-x-4 gap-y-1.5">
            {lines.map((column) => (
              <div
                key={column.id}
                className={cn("min-w-0", column.card === "wide" && "col-span-2")}
              >
                <dt className="text-2xs text-fg-subtle">{column.header}</dt>
                <dd className="truncate">{column.cell(row.original)}</dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}
