import { Client } from "pg";

const RUNS = 20_000;
const EXPERIMENTS = 1000;
/** The tables with rows; an empty one that was analyzed is always read whole. */
export const SEEDED = "experiments, runs, run_metrics, run_latest_metrics, run_params, run_tags";

/**
 * Fills workspaces alike and gathers statistics: EXPERIMENTS experiments, the first with RUNS runs of five metrics,
 * three parameters and a tag, and 50 runs with 1,000 points. Answers a run of the first.
 */
export async function seedPlans(ownerUrl: string, workspaceIds: string[]): Promise<string> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    for (const workspaceId of workspaceIds) await seedWorkspace(client, workspaceId);
    await client.query(`vacuum analyze ${SEEDED}`);
    const { rows } = await client.query<{ id: string }>(
      `select md5('${workspaceIds[0]}1')::uuid as id`,
    );
    return rows[0]?.id ?? "";
  } finally {
    await client.end();
  }
}

async function seedWorkspace(client: Client, workspaceId: string): Promise<void> {
  const runOf = (i: string) => `md5('${workspaceId}' || ${i})::uuid`;
  const experimentOf = `md5('experiment' || case when i <= ${RUNS / 2} then 1 else 1 + i % ${EXPERIMENTS} end)::uuid`;
  const started = "1700000000000 + i * 1000";
  const of = `select '${workspaceId}'::uuid`;
  for (const statement of [
    `insert into experiments (workspace_id, id, number, name)
       ${of}, md5('experiment' || i)::uuid, i, 'experiment ' || i from generate_series(1, ${EXPERIMENTS}) i`,
    `insert into runs (workspace_id, id, experiment_id, name, status, user_name, start_time, end_time)
       ${of}, ${runOf("i")}, ${experimentOf}, 'run ' || i, 'FINISHED', 'ann', ${started}, ${started} + 1000
       from generate_series(1, ${RUNS}) i`,
    `insert into run_latest_metrics (workspace_id, run_id, key, timestamp, step, value, min_value, min_step,
         max_value, max_step, points, first_step, first_time, last_time)
       ${of}, ${runOf("i")}, 'metric ' || k, ${started}, 0, v, v, 0, v, 0, 1, 0, ${started}, ${started}
       from generate_series(1, ${RUNS}) i, generate_series(1, 5) k,
         lateral (select (hashint8(i * 10 + k)::float8 / 4294967296 + 0.5) as v) figure order by i, k`,
    `insert into run_params (workspace_id, run_id, key, value)
       ${of}, ${runOf("i")}, 'param ' || k, (i / (k * 7))::text
       from generate_series(1, ${RUNS}) i, generate_series(1, 3) k order by i, k`,
    `insert into run_tags (workspace_id, run_id, key, value)
       ${of}, ${runOf("i")}, 'mlflow.runName', 'run ' || i from generate_series(1, ${RUNS}) i`,
    `insert into run_metrics (workspace_id, run_id, key, timestamp, step, value)
       ${of}, ${runOf("r")}, 'metric 1', 1700000000000 + i, i, i
       from generate_series(1, 50) r, generate_series(1, 1000) i`,
  ]) {
    await client.query(statement);
  }
}
