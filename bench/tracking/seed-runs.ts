import { Client } from "pg";
import { newId } from "@/server/kernel/ids";

export const RUNS = 100_000;
export const METRICS = 20;
export const PARAMS = 5;
/** Number of the experiment that holds them. */
export const EXPERIMENT = 4711;

/** Run i's id; the same in every store, so that the same requests mean the same runs. */
const RUN_ID = "overlay(overlay(md5('run ' || i) placing '4' from 13) placing '8' from 17)::uuid";

/**
 * Metric k of run i, between 0 and 1: m00 at random, m01 falling where m00 rises with some noise, all
 * others at random. The hash makes it the same number in every store.
 */
const uniform = (k: string) => `(hashint8(i * 1000 + ${k})::float8 / 4294967296 + 0.5)`;
const VALUE = `case when k = 1 then (1 - ${uniform("0")}) * 0.8 + ${uniform("1")} * 0.2 else ${uniform("k")} end`;
const KEY = "'m' || lpad(k::text, 2, '0')";
const PARAM = "(hashint8(i * 77 + k) & 7)::text";
const STARTED = "1700000000000 + i * 1000";

/** Rows lie in the order runs logged them. RUNS runs of METRICS metrics and PARAMS parameters in an experiment of their own; answers its number. */
export async function seedOurs(ownerUrl: string, workspaceId: string): Promise<string> {
  const experimentId = newId();
  await inOneSession(ownerUrl, [
    `insert into experiments (workspace_id, id, number, name) values ('${workspaceId}', '${experimentId}', ${EXPERIMENT}, 'search')`,
    `insert into runs (workspace_id, id, experiment_id, name, status, user_name, start_time, end_time)
       select '${workspaceId}', ${RUN_ID}, '${experimentId}', 'run-' || i, 'FINISHED', 'bench', ${STARTED}, ${STARTED} + 60000
       from generate_series(1, ${RUNS}) i`,
    `insert into run_latest_metrics (workspace_id, run_id, key, timestamp, step, value, min_value, min_step,
         max_value, max_step, points, first_step, first_time, last_time)
       select '${workspaceId}', ${RUN_ID}, ${KEY}, ${STARTED}, 9, v, v * 0.9, 3, v * 1.1, 4, 10, 0, ${STARTED}, ${STARTED}
       from generate_series(1, ${RUNS}) i, generate_series(0, ${METRICS - 1}) k, lateral (select ${VALUE} as v) figure order by i, k`,
    `insert into run_params (workspace_id, run_id, key, value)
       select '${workspaceId}', ${RUN_ID}, 'p' || k, ${PARAM}
       from generate_series(1, ${RUNS}) i, generate_series(0, ${PARAMS - 1}) k order by i, k`,
    `insert into run_tags (workspace_id, run_id, key, value)
       select '${workspaceId}', ${RUN_ID}, 'mlflow.runName', 'run-' || i from generate_series(1, ${RUNS}) i`,
    "vacuum analyze experiments, runs, run_latest_metrics, run_params, run_tags",
  ]);
  return "4711";
}

/** The same in the tables of a stock MLflow server (mlflow/store/tracking/dbmodels/models.py). */
export async function seedPeer(databaseUrl: string): Promise<string> {
  const id = `replace((${RUN_ID})::text, '-', '')`;
  await inOneSession(databaseUrl, [
    `insert into experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time)
       values (4711, 'search', 'mlflow-artifacts:/4711', 'active', 0, 0)`,
    `insert into runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time,
         source_version, lifecycle_stage, artifact_uri, experiment_id)
       select ${id}, 'run-' || i, 'UNKNOWN', '', '', 'bench', 'FINISHED', ${STARTED}, ${STARTED} + 60000, '', 'active',
         'mlflow-artifacts:/4711/' || ${id} || '/artifacts', 4711
       from generate_series(1, ${RUNS}) i`,
    `insert into latest_metrics (key, value, timestamp, step, is_nan, run_uuid)
       select ${KEY}, ${VALUE}, ${STARTED}, 9, false, ${id}
       from generate_series(1, ${RUNS}) i, generate_series(0, ${METRICS - 1}) k order by i, k`,
    `insert into params (key, value, run_uuid)
       select 'p' || k, ${PARAM}, ${id} from generate_series(1, ${RUNS}) i, generate_series(0, ${PARAMS - 1}) k order by i, k`,
    `insert into tags (key, value, run_uuid) select 'mlflow.runName', 'run-' || i, ${id} from generate_series(1, ${RUNS}) i`,
    "vacuum analyze runs, latest_metrics, params, tags",
  ]);
  return "4711";
}

async function inOneSession(url: string, statements: string[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
