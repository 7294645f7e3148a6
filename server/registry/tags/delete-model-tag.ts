import type { z } from "zod";
import type { Context } from "@/server/kernel/context";
import { changeModelTag } from "./change-model-tags";
import { modelTagRef } from "./schemas";

/** Takes a tag of a model away; one that is not there is gone already. Throws not_found. */
export async function deleteModelTag(
  ctx: Context,
  input: z.input<typeof modelTagRef>,
): Promise<void> {
  await changeModelTag(ctx, { ...modelTagRef.parse(input), value: null });
}
