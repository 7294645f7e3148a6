"use client";
import {
  ArrowDown,
  ArrowLeft,
  ArrowRight,
  ArrowUp,
  EllipsisVertical,
  EyeOff,
  Pin,
  PinOff,
  Rows3,
} from "lucide-react";
import { IconButton } from "@/components/ui/button";
import { Menu, MenuChoices, MenuItem, MenuSeparator } from "@/components/ui/menu";
import { AGGREGATES } from "@/server/experiments/filter/syntax";
import { columnField, columnId, columnName, type RunColumn } from "./run-columns";

/** What can be done with a column of the runs table. */
export function ColumnMenu({
  column,
  pinned,
  onSort,
  onPin,
  onMove,
  onReplace,
  onHide,
  onGroup,
}: {
  column: RunColumn;
  pinned: boolean;
  onSort: (desc: boolean) => void;
  onPin: () => void;
  /** Changes places with the column before it, or after it. */
  onMove: (by: -1 | 1) => void;
  /** Puts another column in its place. */
  onReplace: (id: string) => void;
  onHide: () => void;
  onGroup?: () => void;
}) {
  return (
    <Menu
      align="start"
      trigger={
        <IconButton size="icon-sm" label={`Column ${columnName(column)}`} className="-mr-1 size-6">
          <EllipsisVertical aria-hidden className="size-3.5" />
        </IconButton>
      }
    >
      {columnField(column) && (
        <>
          <MenuItem onClick={() => onSort(false)}>
            <ArrowUp aria-hidden />
            Lowest first
          </MenuItem>
          <MenuItem onClick={() => onSort(true)}>
            <ArrowDown aria-hidden />
            Highest first
          </MenuItem>
          <MenuSeparator />
        </>
      )}
      {column.kind === "metric" && (
        <>
          <MenuChoices
            label="Value shown"
            value={column.aggregate}
            onChange={(aggregate) => onReplace(columnId({ ...column, aggregate }))}
            choices={AGGREGATES.map((value) => ({ value, label: AGGREGATE_LABELS[value] }))}
          />
          <MenuSeparator />
        </>
      )}
      {onGroup && (
        <MenuItem onClick={onGroup}>
          <Rows3 aria-hidden />
          Group by this
        </MenuItem>
      )}
      <MenuItem onClick={onPin}>
        {pinned ? <PinOff aria-hidden /> : <Pin aria-hidden />}
        {pinned ? "Let it scroll" : "Pin to the left"}
      </MenuItem>
      <MenuItem onClick={() => onMove(-1)}>
        <ArrowLeft aria-hidden />
        Move left
      </MenuItem>
      <MenuItem onClick={() => onMove(1)}>
        <ArrowRight aria-hidden />
        Move right
      </MenuItem>
      <MenuItem onClick={onHide}>
        <EyeOff aria-hidden />
        Hide
      </MenuItem>
    </Menu>
  );
}

const AGGREGATE_LABELS = {
  last: "Last logged",
  best: "Best of all steps",
  min: "Smallest of all steps",
  max: "Largest of all steps",
} as const;
