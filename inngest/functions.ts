import type { InngestFunction } from "inngest";
import { deploymentFunctions } from "./deployments";
import type { FunctionDeps } from "./function-deps";
import { predictionFunctions } from "./predictions";
import { registryFunctions } from "./registry";
import { trainingFunctions } from "./training";
import { upkeepFunctions } from "./upkeep";
import { webhookFunctions } from "./webhooks";

/** Every Inngest function of the product, the same for a real server and the embedded executor. */
export const createFunctions = (deps: FunctionDeps): InngestFunction.Any[] => [
  ...trainingFunctions(deps),
  ...deploymentFunctions(deps),
  ...predictionFunctions(deps),
  ...registryFunctions(deps),
  ...webhookFunctions(deps),
  ...upkeepFunctions(deps),
];
