import { z } from "zod";
import { batchingSettings } from "./batching";
import { loggingSettings } from "./logging";
import { placementSettings } from "./placement";
import { routingSettings } from "./routing";
import { scalingSettings } from "./scaling";

/** How a deployment answers; every part has defaults, so `{}` is a whole set of settings. */
export const deploymentSettings = z.strictObject({
  routing: routingSettings.prefault({}),
  batching: batchingSettings.prefault({}),
  logging: loggingSettings.prefault({}),
  placement: placementSettings.prefault({}),
  scaling: scalingSettings.prefault({}),
});
export type DeploymentSettings = z.output<typeof deploymentSettings>;
