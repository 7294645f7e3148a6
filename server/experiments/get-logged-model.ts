import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { getLoggedModelInWorkspace, readLoggedModel } from "./logged-model-internal";
import type { LoggedModelDto } from "./logged-model-schemas";

/** One logged model by its id, in MLflow's form or as a UUID. Throws not_found, also for deleted ones. */
export async function getLoggedModel(
  ctx: Context,
  input: { modelId: string },
): Promise<LoggedModelDto> {
  requirePermission(ctx, "experiments:read");
  return withWorkspace(ctx, async (tx) => {
    const row = await getLoggedModelInWorkspace(tx, ctx, input.modelId);
    return readLoggedModel(tx, ctx, row);
  });
}
