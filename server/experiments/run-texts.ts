import type { Transaction } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import { clientOf } from "./client-of";

/**
 * What a run logged as JSON: the items of each list, apart by commas. Tags and parameters are
 * {key, value}; metrics {key, value, timestamp, step}, exact, with "NaN" for what is no number.
 */
export interface RunTexts {
  params: string;
  tags: string;
  metrics: string;
}

interface TextRow {
  id: string;
  /** Empty in the one row that says that a run read or made something. */
  list: keyof RunTexts | "";
  items: string;
}

const NOTHING: RunTexts = { params: "", tags: "", metrics: "" };

/**
 * Parameters, tags and newest metrics of many runs in one statement, written by the database: an object
 * for each of ten thousands of values would take longer than finding them. `areLinked` says whether
 * one of the runs read or made something.
 */
export async function loadRunTexts(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  runIds: string[],
): Promise<{ textsOf: (runId: string) => RunTexts; areLinked: boolean }> {
  const { rows } = await clientOf(tx).query<TextRow>({
    name: "run_texts",
    text: RUN_TEXTS,
    values: [ctx.workspaceId, `{${runIds.join(",")}}`],
  });
  const byId = new Map<string, RunTexts>();
  let areLinked = false;
  for (const { id, list, items } of rows) {
    if (!list) {
      areLinked = true;
      continue;
    }
    const texts = byId.get(id) ?? { ...NOTHING };
    texts[list] = items;
    byId.set(id, texts);
  }
  return { textsOf: (runId) => byId.get(runId) ?? NOTHING, areLinked };
}

const itemsOf = (list: keyof RunTexts, table: string, item: string): string =>
  `select e.run_id::text as id, '${list}' as list, string_agg(${item}, ',' order by e.key) as items
    from ${table} e where e.workspace_id = $1::uuid and e.run_id = any($2::uuid[]) group by e.run_id`;
const ENTRY = `concat('{"key":', to_json(e.key), ',"value":', to_json(e.value), '}')`;
/** Names of metrics hold nothing that JSON escapes (entry-names.ts). */
const metric = (value: string): string =>
  `concat('{"key":"', e.key, '","value":', ${value}, ',"timestamp":', e.timestamp, ',"step":', e.step, '}')`;
const METRIC = `case when e.is_nan then ${metric(`'"NaN"'`)} else ${metric("e.value")} end`;
const anyOf = (table: string): string =>
  `exists (select from ${table} l where l.workspace_id = $1::uuid and l.run_id = any($2::uuid[]))`;

const RUN_TEXTS = [
  itemsOf("params", "run_params", ENTRY),
  itemsOf("tags", "run_tags", ENTRY),
  itemsOf("metrics", "run_latest_metrics", METRIC),
  `select '', '', '' where ${anyOf("run_inputs")} or ${anyOf("run_models")}`,
].join(" union all ");
