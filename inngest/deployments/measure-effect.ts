import { EFFECT_MINUTES, measureEffect } from "@/server/deployments";
import { trafficChanged } from "../events";
import type { FunctionDeps } from "../function-deps";

/** Logs are written this long after the reply at most. */
const SETTLED_SECONDS = 10;

/** Some minutes after traffic moved, what that did is written beside it on the timeline. */
export const measureTrafficEffect = ({ client, jobContext }: FunctionDeps) =>
  client.createFunction(
    {
      id: "deployments-measure-effect",
      triggers: trafficChanged,
      idempotency: "event.data.eventId",
    },
    async ({ event, step }) => {
      const { workspaceId, deploymentId, eventId } = event.data;
      await step.sleep("wait", `${EFFECT_MINUTES * 60 + SETTLED_SECONDS}s`);
      await step.run("measure", () =>
        measureEffect(jobContext(workspaceId, "measured effect"), { deploymentId, eventId }),
      );
    },
  );
