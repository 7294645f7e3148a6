import type { Inngest, InngestFunction } from "inngest";
import type { Runtime } from "@/server/runtime";
import { cleanUp } from "./clean-up";
import { rollOut } from "./roll-out";

/** Background work on deployments; `runtime.ports.nodes` must be set. */
export const deploymentFunctions = (client: Inngest, runtime: Runtime): InngestFunction.Any[] => [
  rollOut(client, runtime),
  cleanUp(client, runtime),
];
