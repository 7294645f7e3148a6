import { join } from "node:path";
import { env } from "@/env";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { readEnvironmentState } from "./environment-state";
import type { EnvironmentDto } from "./schemas";

/** The state file below MODELYARD_HOME. */
export const ENVIRONMENT_STATE = "python-environment.json";

/** Whether trainers can start: the Python environment of this installation. */
export async function getEnvironment(ctx: Context): Promise<EnvironmentDto> {
  requirePermission(ctx, "training:read");
  return readEnvironmentState(join(env().MODELYARD_HOME, ENVIRONMENT_STATE));
}
