import type { z } from "zod";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { logBatch } from "./log-batch";
import { setTagInput } from "./schemas";

/** Sets or replaces one tag of a run; `mlflow.runName` renames it. Throws as logBatch does. */
export async function setTag(ctx: Context, input: z.input<typeof setTagInput>): Promise<void> {
  requirePermission(ctx, "experiments:write");
  const { runId, key, value } = setTagInput.parse(input);
  await logBatch(ctx, { runId, tags: [{ key, value }] });
}
