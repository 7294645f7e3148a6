import type { ColumnType } from "../constants";

/** A column of the table `data`: `key` is its name in SQL, `name` in the file. */
export interface Column {
  key: string;
  name: string;
  type: ColumnType;
}

export const isTime = (type: ColumnType): boolean => type === "date" || type === "timestamp";
export const isNumber = (type: ColumnType): boolean => type === "integer" || type === "number";
