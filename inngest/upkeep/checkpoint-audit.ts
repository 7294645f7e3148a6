import { checkpointFolder, writeCheckpoint } from "@/server/audit";
import { listWorkspaceIds } from "@/server/worker/upkeep/delete-ended-rows";
import type { FunctionDeps } from "../function-deps";

/** Every hour: signs how far each workspace's audit chain has come, into a file outside the database. */
export const checkpointAudit = ({ client, db, folders, jobContext }: FunctionDeps) =>
  client.createFunction(
    {
      id: "upkeep-checkpoint-audit",
      triggers: { cron: "7 * * * *" },
      singleton: { mode: "skip" },
      retries: 3,
    },
    async ({ step }) => {
      const ids = await step.run("workspaces", () => listWorkspaceIds(db.pool));
      return step.run("sign", async () => {
        let written = 0;
        for (const id of ids) {
          const folder = checkpointFolder(folders.home);
          if (await writeCheckpoint(folder, jobContext(id, "upkeep"))) written += 1;
        }
        return written;
      });
    },
  );
