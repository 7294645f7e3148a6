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
  params: string | null;
  tags: string | null;
  metrics: string | null;
  linked: boolean;
}

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
  const byId = new Map(rows.map((row) => [row.id, row]));
  return {
    textsOf: (runId) => {
      const { params, tags, metrics } = byId.get(runId) ?? {};
      return { params: params ?? "", tags: tags ?? "", metrics: metrics ?? "" };
    },
    areLinked: rows[0]?.linked ?? false,
  };
}

const rowsOf = (table: string): string =>
  `(select * from ${table} l where l.workspace_id = $1::uuid and l.run_id = r.id order by l.key) e`;
const entriesOf = (table: string): string =>
  `(select string_agg(concat('{"key":', to_json(e.key), ',"value":', to_json(e.value), '}'), ',') from ${rowsOf(table)})`;
/** Names of metrics hold nothing that JSON escapes (entry-names.ts). */
const metric = (value: string): string =>
  `concat('{"key":"', e.key, '","value":', ${value}, ',"timestamp":', e.timestamp, ',"step":', e.step, '}')`;

const RUN_TEXTS = `select r.id, ${entriesOf("run_params")} as params, ${entriesOf("run_tags")} as tags,
    (select string_agg(case when e.is_nan then ${metric(`'"NaN"'`)} else ${metric("e.value")} end, ',')
      from ${rowsOf("run_latest_metrics")}) as metrics,
    exists (select from run_inputs i where i.workspace_id = $1::uuid and i.run_id = any($2::uuid[]))
      or exists (select from run_models m where m.workspace_id = $1::uuid and m.run_id = any($2::uuid[])) as linked
  from unnest($2::uuid[]) as r(id)`;
