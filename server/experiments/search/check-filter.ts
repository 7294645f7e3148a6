import type { z } from "zod";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { FilterError, parseFilter, RUN_LANGUAGE } from "../filter";
import { checkFilterInput, type filterCheckDto } from "./schemas";

/** Whether a filter of runs can be read; else what is wrong and where. */
export async function checkFilter(
  ctx: Context,
  input: z.input<typeof checkFilterInput>,
): Promise<z.infer<typeof filterCheckDto>> {
  requirePermission(ctx, "experiments:read");
  const { filter } = checkFilterInput.parse(input);
  try {
    parseFilter(filter, RUN_LANGUAGE);
    return { ok: true };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return { ok: false, message: error.message, position: error.position };
  }
}
