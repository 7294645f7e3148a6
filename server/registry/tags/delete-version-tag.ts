import type { z } from "zod";
import type { Context } from "@/server/kernel/context";
import { changeVersionTag } from "./change-version-tags";
import { versionTagRef } from "./schemas";

/** Takes a tag of a version away; one that is not there is gone already. Throws not_found. */
export async function deleteVersionTag(
  ctx: Context,
  input: z.input<typeof versionTagRef>,
): Promise<void> {
  await changeVersionTag(ctx, { ...versionTagRef.parse(input), value: null });
}
