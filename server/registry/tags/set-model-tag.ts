import type { z } from "zod";
import type { Context } from "@/server/kernel/context";
import { changeModelTag } from "./change-model-tags";
import { setModelTagInput, type TagDto } from "./schemas";

/** Sets one tag of a model; the others stay. Throws not_found. */
export async function setModelTag(
  ctx: Context,
  input: z.input<typeof setModelTagInput>,
): Promise<TagDto> {
  const values = setModelTagInput.parse(input);
  await changeModelTag(ctx, values);
  return { key: values.key, value: values.value };
}
