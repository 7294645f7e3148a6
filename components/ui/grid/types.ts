import type { ReactNode } from "react";

export interface GridColumn<Row> {
  id: string;
  /** What the column is called, for menus and assistive technology. */
  name: string;
  header?: ReactNode;
  cell: (row: Row) => ReactNode;
  /** Pixels. */
  width: number;
  align?: "right";
  /** Stays at the left edge while the rest scrolls. */
  pinned?: boolean;
  sortable?: boolean;
  /** The cell that names the row and links to it. */
  title?: boolean;
  /** A control in the header, for instance a menu. */
  control?: ReactNode;
}

export interface GridSort {
  id: string;
  desc: boolean;
}

export interface GridProps<Row> {
  label: string;
  rows: Row[];
  columns: GridColumn<Row>[];
  rowKey: (row: Row) => string;
  rowName: (row: Row) => string;
  rowHref?: (row: Row) => string;
  sort?: GridSort | null;
  onSort?: (sort: GridSort) => void;
  onResize: (id: string, width: number) => void;
  selection?: { chosen: ReadonlySet<string>; onChange: (chosen: Set<string>) => void };
  /** A row that stays under the heads while the others scroll, for instance a baseline. */
  topRow?: Row | undefined;
  /** Rows there are in all, also those not loaded. */
  total?: number | null;
  /** Called when the end of the loaded rows comes into sight. */
  onEnd?: () => void;
  loadingMore?: boolean;
}

export const ROW_HEIGHT = 36;
export const HEADER_HEIGHT = 36;
export const SELECT_WIDTH = 40;
export const WIDTH_MIN = 56;
export const WIDTH_MAX = 800;
