/**
 * Tables stored in partitions, which drizzle-kit cannot write: `scripts/generate-migration.ts` adds the
 * clause to their CREATE TABLE and makes the partitions right behind it.
 * `hash` tables have a fixed number of partitions; a partition is reached through its parent only.
 */
export const PARTITIONED: Readonly<
  Record<string, { readonly by: string; readonly parts: number }>
> = {
  run_metrics: { by: '"workspace_id", "run_id"', parts: 16 },
};
