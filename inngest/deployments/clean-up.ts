import type { Inngest, InngestFunction } from "inngest";
import { unloadIdleVersions } from "@/server/deployments";
import { DEPLOYMENT_DELETED } from "@/server/deployments/constants";
import type { Runtime } from "@/server/runtime";

const DRAIN = "5s";
const NAME = "deployments/clean-up";

/** After a deployment was deleted and its last requests are answered, its versions are unloaded. */
export function cleanUp(client: Inngest, runtime: Runtime): InngestFunction.Any {
  return client.createFunction(
    { id: "deployments-clean-up", name: NAME, triggers: { event: DEPLOYMENT_DELETED } },
    async ({ event, step }) => {
      const { workspaceId, deploymentId } = event.data as Record<string, string>;
      await step.sleep("drain", DRAIN);
      return step.run("unload", () =>
        unloadIdleVersions(runtime.jobContext(workspaceId ?? "", NAME), deploymentId ?? ""),
      );
    },
  );
}
