import type { z } from "zod";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { invalid } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import { predictionsOf } from "./gateway/prediction-port";
import { type PredictReply, predictInput, predictReply } from "./schemas";

/**
 * Answers a prediction inside the process, by the same gateway as the prediction lane. Takes a
 * deployment, or a model for its production deployment. Writes only the prediction's log row.
 */
export async function predict(
  ctx: Context,
  input: z.input<typeof predictInput>,
): Promise<PredictReply> {
  requirePermission(ctx, "predictions:create");
  const { deployment, model, ...body } = predictInput.parse(input);
  const target = deployment ? { deployment } : model ? { model } : undefined;
  if (!target) throw invalid("Name a deployment or a model.");
  // Outcomes and archives read the day of a prediction out of its id.
  const call = { ...ctx, requestId: newId(ctx.now().getTime()) };
  return predictReply.parse(await predictionsOf(ctx.ports).predict(call, target, body));
}
