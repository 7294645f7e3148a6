import { z } from "zod";
import declared from "@/trainers/modelyard_trainers/algorithms.json";

export const TASKS = ["classification", "regression"] as const;
export type Task = (typeof TASKS)[number];

const hyperparameter = z.object({
  name: z.string(),
  type: z.enum(["number", "integer", "boolean", "choice"]),
  default: z.union([z.number(), z.boolean(), z.string()]).nullable(),
  min: z.number().optional(),
  max: z.number().optional(),
  choices: z.array(z.string()).optional(),
  nullable: z.boolean(),
  tasks: z.array(z.enum(TASKS)),
  aliases: z.array(z.string()),
  scale: z.enum(["linear", "log"]).optional(),
  description: z.string(),
});
export type Hyperparameter = z.infer<typeof hyperparameter>;

export const algorithmDto = z.object({
  id: z.string(),
  label: z.string(),
  framework: z.string(),
  tasks: z.array(z.enum(TASKS)),
  description: z.string(),
  hyperparameters: z.array(hyperparameter),
});
export type Algorithm = z.infer<typeof algorithmDto>;

const range = z.object({ default: z.number(), min: z.number(), max: z.number() });

export const trainingLimits = z.object({
  rowsMin: z.number(),
  classesMax: z.number(),
  rowsPerClassMin: z.number(),
  featuresMax: z.number(),
  validationSplit: range,
  testSplit: range,
  splitSumMax: z.number(),
  seed: range,
});

/** What the bundled trainers declare: the one source of names, types and bounds. */
export const catalog = z
  .object({ version: z.number(), limits: trainingLimits, algorithms: z.array(algorithmDto) })
  .parse(declared);
