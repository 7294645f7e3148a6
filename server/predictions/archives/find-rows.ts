import type { Duck, Row } from "@/server/kernel/process/duck";
import { ARCHIVE_COLUMNS, type ArchiveRow } from "./archive-table";
import { filesOf } from "./files-of";
import { meaningOf } from "./meaning-of";
import type { AnswerTo, Conditions, FindTask } from "./tasks";

type Values = Record<string, string | number | boolean>;

/**
 * Rows of the archives that fit, in the order of the log, beginning behind a place. Their places are
 * found first, so that the payload of these alone is unpacked: files are in the order of time.
 */
export async function findRows(duck: Duck, task: FindTask): Promise<AnswerTo<FindTask>> {
  const { order, limit, bytesMax } = task;
  const { parts, values } = conditionsOf(task);
  const sorted = `"at" ${order}, request_id ${order}`;
  const files = filesOf(task.paths);
  const places = await duck.rows(
    `select request_id, epoch_ms("at") from ${files}
     where ${["true", ...parts].join(" and ")} order by ${sorted} limit ${Number(limit)}`,
    values,
  );
  if (places.length === 0) return { rows: [], more: false };
  const sized = await duck.rows(
    `select request_id, coalesce(strlen(inputs), 0) + coalesce(strlen(outputs), 0) from ${files}
     where ${AT_PLACES} order by ${sorted}`,
    atPlaces(places),
  );
  const taken = withinBytes(sized, bytesMax);
  const rows = await duck.rows(
    `select ${SELECTED} from ${files} where ${AT_PLACES} order by ${sorted}`,
    atPlaces(places.slice(0, taken.length)),
  );
  const more = taken.length < places.length || places.length === limit;
  return { rows: rows.map((row) => shorten(toRow(row), task.rowsShown)), more };
}

/** Written as a range of time as well, by which DuckDB passes over what lies outside. */
const AT_PLACES =
  '"at" >= epoch_ms($first_ms::bigint) and "at" <= epoch_ms($last_ms::bigint) and list_contains(string_split($taken, \',\'), request_id)';

function atPlaces(places: readonly Row[]): Values {
  const times = [places[0], places.at(-1)].map((place) => Number(place?.[1]));
  return {
    first_ms: Math.min(...times),
    last_ms: Math.max(...times),
    taken: places.map(([id]) => String(id)).join(","),
  };
}

/** As many ids, in their order, as the bytes allow; one at least. */
function withinBytes(keys: readonly Row[], bytesMax: number): string[] {
  let bytes = 0;
  const ids: string[] = [];
  for (const [id, size] of keys) {
    bytes += Number(size);
    if (ids.length > 0 && bytes > bytesMax) break;
    ids.push(String(id));
  }
  return ids;
}

const NAMES = Object.keys(ARCHIVE_COLUMNS) as (keyof ArchiveRow)[];

/** Columns as `toRow` reads them. */
export const SELECTED = NAMES.map((name) => (name === "at" ? 'epoch_ms("at")' : `"${name}"`)).join(
  ", ",
);

export const toRow = (cells: Row): ArchiveRow =>
  // The file was written from rows of this shape.
  Object.fromEntries(
    NAMES.map((name, at) => {
      const cell = cells[at] ?? null;
      if (name === "at") return [name, new Date(Number(cell))];
      return [name, typeof cell === "bigint" ? Number(cell) : cell];
    }),
  ) as unknown as ArchiveRow;

/** A page of long requests would hold megabytes. */
function shorten(row: ArchiveRow, rowsShown: number): ArchiveRow {
  if (row.rows <= rowsShown) return row;
  const cut = (value: unknown) => (Array.isArray(value) ? value.slice(0, rowsShown) : value);
  const inputs = row.inputs === null ? null : JSON.stringify(cut(JSON.parse(row.inputs)));
  const outputs = row.outputs === null ? null : (JSON.parse(row.outputs) as object);
  const members = Object.entries(outputs ?? {}).map(([name, value]) => [name, cut(value)]);
  return { ...row, inputs, outputs: outputs && JSON.stringify(Object.fromEntries(members)) };
}

function conditionsOf({ where, after, order }: FindTask): { parts: string[]; values: Values } {
  const parts: string[] = [];
  const values: Values = {};
  const add = (part: string, own: Values) => {
    parts.push(part);
    Object.assign(values, own);
  };
  const { fromMs, toMs, status, variantIds, versionIds, latencyAboveUs } = where;
  for (const [column, value] of equalsOf(where)) add(`${column} = $${column}`, { [column]: value });
  if (fromMs !== undefined) add('epoch_ms("at") >= $from_ms', { from_ms: fromMs });
  if (toMs !== undefined) add('epoch_ms("at") < $to_ms', { to_ms: toMs });
  if (status) {
    add("status between $status_min and $status_max", {
      status_min: status[0],
      status_max: status[1],
    });
  }
  if (latencyAboveUs !== undefined) add("latency_us > $above_us", { above_us: latencyAboveUs });
  if (where.isPinned !== undefined) {
    add("coalesce(is_pinned, false) = $is_pinned", { is_pinned: where.isPinned });
  }
  if (variantIds) add(oneOf("variant_id"), { variant_id_list: variantIds.join(",") });
  if (versionIds) add(oneOf("version_id"), { version_id_list: versionIds.join(",") });
  if (where.feature) {
    const { condition, values: own } = meaningOf(where.feature);
    add(condition, own);
  }
  if (where.outcome) {
    const { idsPath, isKnown } = where.outcome;
    add(`request_id ${isKnown ? "in" : "not in"} (select id from ${idsIn(idsPath)})`, {});
  }
  if (after) {
    const sign = order === "asc" ? ">" : "<";
    add(
      `(epoch_ms("at") ${sign} $after_ms or (epoch_ms("at") = $after_ms and request_id ${sign} $after_id))`,
      { after_ms: after[0], after_id: after[1] },
    );
  }
  return { parts, values };
}

const oneOf = (column: string): string =>
  `list_contains(string_split($${column}_list, ','), ${column})`;

function equalsOf({ deploymentId, requestId, lane, unit }: Conditions): [string, string][] {
  const pairs = [
    ["deployment_id", deploymentId],
    ["request_id", requestId],
    ["lane", lane],
    ["unit", unit],
  ] as const;
  return pairs.flatMap(([column, value]) => (value === undefined ? [] : [[column, value]]));
}

const idsIn = (path: string): string => filesOf([path], "ids");
