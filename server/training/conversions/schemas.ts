import { z } from "zod";
import { pageOf, pageQuery } from "@/server/kernel/paging";
import { NATIVE_FLAVORS, NATIVE_FORMS } from "@/server/registry/constants";
import { CONVERSION_STATUSES } from "./constants";

export const conversionRef = z.object({
  model: z.string().min(1).max(300).describe("Id, name, or `name:` and the exact name."),
  version: z.string().min(1).max(300).describe("Number, id, `latest`, or `@` and an alias."),
});
const page = pageQuery.omit({ order: true });
export const listConversionsQuery = page;
export const listConversionsInput = conversionRef.extend(page.shape);

export const wallsDto = z.object({
  files: z.number().int().nullable().describe("Version of Landlock; null where there is none."),
  calls: z.boolean().describe("No socket, other process or program."),
  namespace: z.boolean().describe("A network of its own with nothing in it."),
  limits: z.boolean(),
});

export const conversionDto = z.object({
  id: z.uuid(),
  versionId: z.uuid(),
  status: z.enum(CONVERSION_STATUSES),
  flavor: z.enum(NATIVE_FLAVORS),
  form: z.enum(NATIVE_FORMS),
  attempt: z.int(),
  method: z.string().nullable().describe("How it was converted, in words."),
  /** Differences to the framework's own answers; null until it succeeded. */
  parity: z
    .object({
      rows: z.int(),
      maxAbsDiff: z.number(),
      labelFlips: z.int(),
      tolerance: z.number(),
    })
    .nullable(),
  walls: wallsDto.nullable().describe("What kept the model inside; null before the first start."),
  error: z.string().nullable(),
  log: z.string(),
  createdBy: z.string().nullable(),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
});
export type ConversionDto = z.infer<typeof conversionDto>;
export const conversionPage = pageOf(conversionDto);

export const settingsDto = z.object({
  allowPickled: z
    .boolean()
    .describe("Whether pickled models may be converted, which runs the code they bring along."),
});
export const setSettingsInput = z.strictObject(settingsDto.shape);
