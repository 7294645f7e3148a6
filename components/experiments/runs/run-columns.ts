import { AGGREGATES, type Aggregate, type Field } from "@/server/experiments/filter/syntax";

export type RunColumn =
  | { kind: "attribute"; key: AttributeKey }
  | { kind: "metric"; key: string; aggregate: Aggregate }
  | { kind: "param" | "tag"; key: string };

export const ATTRIBUTES = {
  name: { label: "Run", width: 240, order: "run_name" },
  status: { label: "Status", width: 120, order: "status" },
  startTime: { label: "Started", width: 120, order: "start_time" },
  duration: { label: "Duration", width: 110, order: "duration" },
  user: { label: "User", width: 140, order: "user_id" },
  experiment: { label: "Experiment", width: 160, order: null },
} as const;
export type AttributeKey = keyof typeof ATTRIBUTES;

const isAggregate = (text: string): text is Aggregate =>
  (AGGREGATES as readonly string[]).includes(text);

/** The column's name in the URL: a:status, m:best:loss, p:lr, t:team. */
export function columnId(column: RunColumn): string {
  if (column.kind === "attribute") return `a:${column.key}`;
  if (column.kind === "metric") return `m:${column.aggregate}:${column.key}`;
  return `${column.kind === "param" ? "p" : "t"}:${column.key}`;
}

/** Reads a column's name; undefined for one nobody wrote. */
export function parseColumn(id: string): RunColumn | undefined {
  const [, letter, rest] = /^([ampt]):(.+)$/s.exec(id) ?? [];
  if (letter === undefined || rest === undefined) return undefined;
  if (letter === "p") return { kind: "param", key: rest };
  if (letter === "t") return { kind: "tag", key: rest };
  if (letter === "a") {
    return rest in ATTRIBUTES ? { kind: "attribute", key: rest as AttributeKey } : undefined;
  }
  const colon = rest.indexOf(":");
  const aggregate = rest.slice(0, colon);
  const key = rest.slice(colon + 1);
  return isAggregate(aggregate) && key !== "" ? { kind: "metric", key, aggregate } : undefined;
}

export const columnName = (column: RunColumn): string => {
  if (column.kind === "attribute") return ATTRIBUTES[column.key].label;
  if (column.kind === "metric" && column.aggregate !== "last") {
    return `${column.aggregate} ${column.key}`;
  }
  return column.key;
};

/** The column as a field of the filter language; null where nothing can be sorted or filtered by it. */
export function columnField(column: RunColumn): Field | null {
  if (column.kind === "attribute") {
    const { order } = ATTRIBUTES[column.key];
    return order && { entity: "attribute", key: order };
  }
  if (column.kind === "metric") {
    return { entity: "metric", key: column.key, aggregate: column.aggregate };
  }
  return { entity: column.kind === "param" ? "parameter" : "tag", key: column.key };
}

/** The columns with one of them a place further on; at an end they stay as they are. */
export function moveColumn(columns: readonly string[], id: string, by: -1 | 1): string[] {
  const from = columns.indexOf(id);
  const to = from + by;
  if (from < 0 || to < 0 || to >= columns.length) return [...columns];
  const rest = columns.filter((other) => other !== id);
  return rest.toSpliced(to, 0, id);
}

const SHOWN_METRICS = 6;
const SHOWN_PARAMS = 5;

interface Keys {
  metrics: readonly { key: string }[];
  params: readonly { key: string }[];
}

/** Columns of somebody who chose none: what most runs have, without the system's own measures. */
export function defaultColumns(keys: Keys): string[] {
  const metrics = keys.metrics.filter(({ key }) => !key.startsWith("system/"));
  return [
    "a:status",
    "a:startTime",
    "a:duration",
    ...metrics.slice(0, SHOWN_METRICS).map(({ key }) => `m:last:${key}`),
    ...keys.params.slice(0, SHOWN_PARAMS).map(({ key }) => `p:${key}`),
  ];
}

const WIDTHS: Record<RunColumn["kind"], number> = {
  attribute: 120,
  metric: 128,
  param: 132,
  tag: 132,
};

/** Pixels a column has until somebody drags it. */
export function columnWidth(column: RunColumn, isNarrow = false): number {
  if (column.kind === "attribute") {
    // On a phone the pinned name leaves room for what stands beside it.
    return isNarrow && column.key === "name" ? 152 : ATTRIBUTES[column.key].width;
  }
  const wide = column.kind === "metric" && column.aggregate !== "last" ? 32 : 0;
  return WIDTHS[column.kind] + wide;
}

/** Reads "m:last:loss=180" entries of the URL; what is no width is left out. */
export function parseWidths(entries: readonly string[]): Map<string, number> {
  const widths = new Map<string, number>();
  for (const entry of entries) {
    const at = entry.lastIndexOf("=");
    const width = Number(entry.slice(at + 1));
    if (at > 0 && Number.isFinite(width) && width > 0) widths.set(entry.slice(0, at), width);
  }
  return widths;
}

export const printWidths = (widths: ReadonlyMap<string, number>): string[] =>
  [...widths].map(([id, width]) => `${id}=${width}`);
