import type { Inngest, InngestFunction } from "inngest";
import type { Database } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import type { Log } from "@/server/kernel/log";
import { deploymentFunctions } from "./deployments";
import { trainingFunctions } from "./training";
import { upkeepFunctions } from "./upkeep";

/** What functions are made with; they hold no connection of their own. */
export interface FunctionDeps {
  client: Inngest.Any;
  db: Database;
  jobContext: (workspaceId: string, name: string) => Context;
  /** Folders on this machine that upkeep looks after. */
  folders: { artifacts: string; training: string };
  log: Log;
}

/** Every Inngest function of the product, the same for a real server and the embedded executor. */
export const createFunctions = (deps: FunctionDeps): InngestFunction.Any[] => [
  ...trainingFunctions(deps),
  ...deploymentFunctions(deps),
  ...upkeepFunctions(deps),
];
