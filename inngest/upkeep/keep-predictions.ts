import { listWorkspaceIds } from "@/server/worker/upkeep/delete-ended-rows";
import { deleteOldCounts } from "@/server/worker/upkeep/delete-old-counts";
import type { FunctionDeps } from "../function-deps";

/** Days of the prediction log that are made ahead. */
const DAYS_AHEAD = 7;

/** Every hour: makes the coming days of the prediction log and deletes counts longer slots hold as well. */
export const keepPredictions = ({ client, db, jobContext }: FunctionDeps) =>
  client.createFunction(
    {
      id: "upkeep-keep-predictions",
      triggers: { cron: "27 * * * *" },
      singleton: { mode: "skip" },
      retries: 3,
    },
    async ({ step }) => {
      const days = await step.run("days", async () => {
        const { rows } = await db.pool.query<{ made: number }>(
          "select make_prediction_days((now() at time zone 'utc')::date, (now() at time zone 'utc')::date + $1::int) as made",
          [DAYS_AHEAD],
        );
        return rows[0]?.made ?? 0;
      });
      const ids = await step.run("workspaces", () => listWorkspaceIds(db.pool));
      const counts = await step.run("counts", async () => {
        let deleted = 0;
        for (const id of ids) deleted += await deleteOldCounts(jobContext(id, "upkeep"));
        return deleted;
      });
      return { days, counts };
    },
  );
