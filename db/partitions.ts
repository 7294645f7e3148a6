/**
 * Tables stored in partitions, which drizzle-kit cannot write: `scripts/generate-migration.ts` adds the
 * clause to their CREATE TABLE. `hash` tables have a fixed number of partitions, made right behind it;
 * those of `range` tables come and go by time (`make_prediction_days` in lookups.sql).
 * A partition is reached through its parent only.
 */
export const PARTITIONED: Readonly<
  Record<
    string,
    | { readonly method: "hash"; readonly by: string; readonly parts: number }
    | { readonly method: "range"; readonly by: string }
  >
> = {
  run_metrics: { method: "hash", by: '"workspace_id", "run_id"', parts: 16 },
  prediction_logs: { method: "range", by: '"at"' },
};
