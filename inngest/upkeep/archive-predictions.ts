import { archivePredictions, expireArchives, expireResults } from "@/server/predictions";
import { listWorkspaceIds } from "@/server/worker/upkeep/delete-ended-rows";
import type { FunctionDeps } from "../function-deps";

/** One step moves days for so long, milliseconds; what is left is for the next step. */
const BUDGET_MS = 120_000;
/** Steps of one workspace in an hour. */
const STEPS = 20;

/**
 * Every hour: moves days of the prediction log that are over into archives, removes archives and
 * results of batch jobs whose time is over, and drops the days of the log that are empty then.
 */
export const archiveLog = ({ client, db, jobContext, log }: FunctionDeps) =>
  client.createFunction(
    {
      id: "upkeep-archive-predictions",
      triggers: { cron: "47 * * * *" },
      singleton: { mode: "skip" },
      retries: 3,
    },
    async ({ step }) => {
      const ids = await step.run("workspaces", () => listWorkspaceIds(db.pool));
      let archived = 0;
      for (const id of ids) {
        for (let round = 0; round < STEPS; round++) {
          const done = await step.run(`archive ${id} ${round}`, () =>
            // A workspace that may store no more keeps its rows; the others go on.
            archivePredictions(jobContext(id, "upkeep"), { budgetMs: BUDGET_MS }).catch((error) => {
              log.warn({ err: error, workspaceId: id }, "the prediction log could not be archived");
              return { archived: 0, deleted: 0, more: false };
            }),
          );
          archived += done.archived;
          if (!done.more) break;
        }
        await step.run(`expire ${id}`, async () => ({
          ...(await expireArchives(jobContext(id, "upkeep"))),
          results: await expireResults(jobContext(id, "upkeep")),
        }));
      }
      const days = await step.run("days", async () => {
        const { rows } = await db.pool.query<{ gone: number }>(
          "select drop_prediction_days((now() at time zone 'utc')::date - 1) as gone",
        );
        return rows[0]?.gone ?? 0;
      });
      return { archived, days };
    },
  );
