import type { z } from "zod";
import type { Context } from "@/server/kernel/context";
import { changeVersionTag } from "./change-version-tags";
import { setVersionTagInput, type TagDto } from "./schemas";

/** Sets one tag of a version; the others stay. Throws not_found. */
export async function setVersionTag(
  ctx: Context,
  input: z.input<typeof setVersionTagInput>,
): Promise<TagDto> {
  const values = setVersionTagInput.parse(input);
  await changeVersionTag(ctx, values);
  return { key: values.key, value: values.value };
}
