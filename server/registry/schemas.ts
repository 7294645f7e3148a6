import { z } from "zod";
import { pageQuery } from "@/server/kernel/paging";
import { FRAMEWORKS, MODEL_TYPES } from "./constants";

/** Names end up in URLs, file names and MLflow paths; this keeps them harmless in all three. */
export const modelName = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u,
    "may hold letters, digits, spaces, dots, dashes and underscores, and begins with a letter or digit",
  )
  .refine((name) => !name.includes(".."), "may not hold two dots in a row");

const tags = z
  .record(z.string().min(1).max(250), z.string().max(5000))
  .describe("Free key and value pairs.");

export const createModelInput = z.strictObject({
  name: modelName,
  description: z.string().max(10_000).default(""),
  type: z.enum(MODEL_TYPES),
  framework: z.enum(FRAMEWORKS),
  features: z.array(z.string().min(1).max(500)).max(10_000).nullable().default(null),
  targetVariable: z.string().min(1).max(500).nullable().default(null),
  hyperparameters: z.record(z.string(), z.unknown()).default({}),
  tags: tags.default({}),
});

export const updateModelInput = z.strictObject({
  name: modelName.optional(),
  description: z.string().max(10_000).optional(),
  type: z.enum(MODEL_TYPES).optional(),
  framework: z.enum(FRAMEWORKS).optional(),
  features: z.array(z.string().min(1).max(500)).max(10_000).nullable().optional(),
  targetVariable: z.string().min(1).max(500).nullable().optional(),
  hyperparameters: z.record(z.string(), z.unknown()).optional(),
  tags: tags.optional(),
  card: z.string().max(200_000).optional().describe("Model card in Markdown."),
});

export const listModelsInput = pageQuery.extend({
  search: z.string().trim().max(200).optional().describe("Part of the name or description."),
  type: z.enum(MODEL_TYPES).optional(),
  framework: z.enum(FRAMEWORKS).optional(),
  tag: z.string().max(500).optional().describe("`key` or `key=value`."),
  sort: z.enum(["createdAt", "updatedAt", "name"]).default("createdAt"),
});

export const modelDto = z.object({
  id: z.uuid(),
  name: z.string(),
  description: z.string(),
  type: z.enum(MODEL_TYPES),
  framework: z.enum(FRAMEWORKS),
  features: z.array(z.string()).nullable(),
  targetVariable: z.string().nullable(),
  hyperparameters: z.record(z.string(), z.unknown()),
  tags: z.record(z.string(), z.string()),
  card: z.string(),
  /** Number of the newest version; null while there is none. */
  latestVersion: z.number().int().nullable(),
  versionCount: z.number().int(),
  createdBy: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type ModelDto = z.infer<typeof modelDto>;
