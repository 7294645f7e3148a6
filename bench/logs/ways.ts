import type { PoolClient } from "pg";
import { copyIn } from "./copy-in";

/** One row as the log keeps it, in the order of COLUMNS. */
export type Row = readonly [
  requestId: string,
  at: string,
  deploymentId: string,
  variantId: string,
  versionId: string,
  status: number,
  rows: number,
  lane: string,
  inputs: unknown,
  outputs: unknown,
  latencyUs: number,
  queueUs: number,
  computeUs: number,
];

const COLUMNS =
  "request_id, at, deployment_id, variant_id, version_id, status, rows, lane, inputs, outputs, latency_us, queue_us, compute_us";
const NAMES = COLUMNS.split(", ");
const TYPES = "uuid timestamptz uuid uuid uuid int int text json json int int int".split(" ");

/** Ways to bring many rows into a table with row-level security, under one tenant. */
export const WAYS: Record<
  string,
  (client: PoolClient, workspaceId: string, rows: readonly Row[]) => Promise<unknown>
> = {
  "one JSON parameter": (client, workspaceId, rows) => {
    const objects = rows.map((row) =>
      JSON.stringify(Object.fromEntries(NAMES.map((name, at) => [name, row[at]]))),
    );
    const fields = NAMES.map((name, at) => `${name} ${TYPES[at]}`).join(", ");
    return client.query({
      name: "json",
      text: `insert into prediction_logs (workspace_id, ${COLUMNS}) select $1::uuid, r.* from json_to_recordset($2::json) as r (${fields}) on conflict do nothing`,
      values: [workspaceId, `[${objects.join(",")}]`],
    });
  },
  "arrays and unnest": (client, workspaceId, rows) => {
    const arrays = NAMES.map((_, at) => rows.map((row) => cell(row[at])));
    return client.query({
      name: "unnest",
      text: `insert into prediction_logs (workspace_id, ${COLUMNS}) select $1::uuid, r.* from unnest(${TYPES.map((type, at) => `$${at + 2}::${type}[]`).join(", ")}) as r on conflict do nothing`,
      values: [workspaceId, ...arrays],
    });
  },
  "one text and string_to_table": (client, workspaceId, rows) => {
    const text = rows.map((row) => row.map(cell).join("\x1f")).join("\x1e");
    const casts = TYPES.map((type, at) => `p[${at + 1}]::${type}`).join(", ");
    return client.query({
      name: "lines",
      text: `insert into prediction_logs (workspace_id, ${COLUMNS}) select $1::uuid, ${casts} from string_to_table($2, E'\\x1e') as line, string_to_array(line, E'\\x1f') as p on conflict do nothing`,
      values: [workspaceId, text],
    });
  },
  "COPY to a temporary table, then insert": async (client, workspaceId, rows) => {
    await client.query(
      "create temp table if not exists log_staging (request_id uuid, at timestamptz, deployment_id uuid, variant_id uuid, version_id uuid, status int, rows int, lane text, inputs json, outputs json, latency_us int, queue_us int, compute_us int) on commit delete rows",
    );
    await copyIn(client, "copy log_staging from stdin", () => copyText(rows));
    return client.query({
      name: "staged",
      text: `insert into prediction_logs (workspace_id, ${COLUMNS}) select $1::uuid, s.* from log_staging s on conflict do nothing`,
      values: [workspaceId],
    });
  },
};

/** COPY past the policies, which the product's login may not do: what the others are measured by. */
export const copyPastPolicies = (
  client: PoolClient,
  workspaceId: string,
  rows: readonly Row[],
): Promise<unknown> =>
  copyIn(client, `copy prediction_logs (workspace_id, ${COLUMNS}) from stdin`, () =>
    copyText(rows, workspaceId),
  );

const cell = (value: unknown): string =>
  typeof value === "object" ? JSON.stringify(value) : String(value);

function copyText(rows: readonly Row[], workspaceId?: string): Buffer {
  const first = workspaceId === undefined ? "" : `${workspaceId}\t`;
  let text = "";
  for (const row of rows) {
    text += `${first}${row.map((one) => cell(one).replaceAll("\\", "\\\\")).join("\t")}\n`;
  }
  return Buffer.from(text);
}
