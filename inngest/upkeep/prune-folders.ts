import { cleanIncoming } from "@/server/artifacts";
import { cleanPrivateFolders } from "@/server/kernel/process/private-folder";
import { pruneTraining } from "@/server/worker/upkeep/prune-training";
import type { FunctionDeps } from "../function-deps";

/** Nothing is written for longer than this without a byte, milliseconds. */
const DAY_MS = 24 * 3600 * 1000;

/** Every hour: half-written uploads, work folders of failed jobs, datasets no job used for a day. */
export const pruneFolders = ({ client, folders }: FunctionDeps) =>
  client.createFunction(
    {
      id: "upkeep-prune-folders",
      triggers: { cron: "37 * * * *" },
      singleton: { mode: "skip" },
      retries: 2,
    },
    async ({ step }) => {
      const incoming = await step.run("incoming", () => cleanIncoming(folders.artifacts, DAY_MS));
      const staged = await step.run("staged", () => cleanPrivateFolders(DAY_MS));
      const training = await step.run("training", () =>
        pruneTraining(folders.training, Date.now()),
      );
      return { incoming, staged, training };
    },
  );
