import { unloadIdleVersions } from "@/server/deployments";
import { deploymentDeleted } from "../events";
import type { FunctionDeps } from "../function-deps";

const DRAIN = "5s";

/** After a deployment was deleted and its last requests are answered, its versions are unloaded. */
export const cleanUp = ({ client, jobContext }: FunctionDeps) =>
  client.createFunction(
    { id: "deployments-clean-up", triggers: deploymentDeleted },
    async ({ event, step }) => {
      const { workspaceId, deploymentId } = event.data;
      await step.sleep("drain", DRAIN);
      return step.run("unload", () =>
        unloadIdleVersions(jobContext(workspaceId, "deployment clean-up"), deploymentId),
      );
    },
  );
