import { z } from "zod";
import { modelRef, versionRef } from "../schemas";

export const tagKey = z.string().min(1).max(250);
/** As MLflow limits it, characters. */
const value = z.string().max(100_000);

export const tagValue = z.strictObject({ value });
export const tagDto = z.object({ key: z.string(), value: z.string() });
export type TagDto = z.infer<typeof tagDto>;

/** Tags of a new model or version; a key given twice has its last value. */
export const newTags = z
  .array(z.strictObject({ key: tagKey, value }))
  .max(1_000)
  .default([])
  .transform((tags) => Object.fromEntries(tags.map((tag) => [tag.key, tag.value])));

export const modelTagRef = modelRef.extend({ key: tagKey });
export const setModelTagInput = z.strictObject({ ...modelTagRef.shape, value });

export const versionTagRef = versionRef.extend({ key: tagKey });
export const setVersionTagInput = z.strictObject({ ...versionTagRef.shape, value });
