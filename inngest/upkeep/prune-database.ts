import { collectObjects } from "@/server/artifacts";
import { deleteEndedRows, listWorkspaceIds } from "@/server/worker/upkeep/delete-ended-rows";
import type { FunctionDeps } from "../function-deps";

/** Every hour: sessions, links, keys, sent events, kept answers and stored bytes whose time is over. */
export const pruneDatabase = ({ client, db, jobContext }: FunctionDeps) =>
  client.createFunction(
    {
      id: "upkeep-prune-database",
      triggers: { cron: "17 * * * *" },
      singleton: { mode: "skip" },
      retries: 2,
    },
    async ({ step }) => {
      const ids = await step.run("workspaces", () => listWorkspaceIds(db.pool));
      const rows = await step.run("delete", async () => {
        let deleted = 0;
        for (const id of ids) deleted += await deleteEndedRows(jobContext(id, "upkeep"));
        return deleted;
      });
      const objects = await step.run("collect", async () => {
        let removed = 0;
        for (const id of ids) removed += await collectObjects(jobContext(id, "upkeep"));
        return removed;
      });
      return { rows, objects };
    },
  );
