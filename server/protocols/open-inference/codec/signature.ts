import { z } from "zod";
import { DATATYPES } from "./datatypes";
import { imageContradictions, imageSchema } from "./image-input";

const name = z.string().min(1).max(256);
const statistic = z.number().nullish();

const featureSchema = z.object({
  name,
  type: z.enum(["number", "integer", "category", "boolean", "image"]),
  nullable: z.boolean(),
  min: statistic,
  max: statistic,
  mean: statistic,
  categories: z.array(z.string()).max(100).nullish(),
});

const tensorSchema = z.object({
  name,
  datatype: z.enum(DATATYPES),
  shape: z.array(z.int().min(-1)).min(1).max(8),
});

const inputSchema = tensorSchema.extend({
  columns: z.array(name).min(1).max(10_000),
  /** How images are made into it; absent for an input of rows and columns. */
  image: imageSchema.optional(),
});

/** What an output that a PyTorch archive lacks is made of. */
const OUTPUT_OPERATORS = ["Identity", "Softmax", "ArgMax"] as const;

const outputSchema = tensorSchema.extend({
  from: z
    .strictObject({ output: name, operator: z.enum(OUTPUT_OPERATORS).default("Identity") })
    .optional()
    .describe(
      "Of PyTorch archives, whose outputs may have no names: the output of the archive that this one is, as `output_0`, or that it is made of, by an operator of ONNX.",
    ),
});

/**
 * What a model version takes and gives, as trainers write it. Numeric features travel in an FP32 or
 * FP64 input with NaN for a missing value, categories in a BYTES input with "" for a missing value, an
 * image in an input of its own; every feature is a column of exactly one input.
 */
export const signatureSchema = z
  .object({
    task: z.enum(["classification", "regression"]),
    features: z.array(featureSchema).min(1).max(10_000),
    target: z.object({ name, type: z.enum(["category", "number", "integer", "boolean"]) }),
    /** Classification: the value each label index stands for; null for regression. */
    classes: z
      .array(z.union([z.string(), z.number(), z.boolean()]))
      .min(2)
      .max(10_000)
      .nullable(),
    inputs: z.array(inputSchema).min(1).max(16),
    outputs: z.array(outputSchema).min(1).max(16),
  })
  .superRefine((signature, context) => {
    for (const message of findContradictions(signature))
      context.addIssue({ code: "custom", message });
  });

export type Signature = z.infer<typeof signatureSchema>;
export type SignatureFeature = Signature["features"][number];

function findContradictions(signature: {
  task: string;
  features: z.infer<typeof featureSchema>[];
  classes: unknown[] | null;
  inputs: z.infer<typeof inputSchema>[];
  outputs: z.infer<typeof tensorSchema>[];
}): string[] {
  const found: string[] = [];
  const features = new Map(signature.features.map((feature) => [feature.name, feature]));
  if (features.size !== signature.features.length) found.push("two features have the same name");
  const placed = new Set<string>();
  for (const input of signature.inputs) {
    found.push(...inputContradictions(input, features));
    for (const column of input.columns) {
      if (placed.has(column)) found.push(`column ${column} is in two places`);
      placed.add(column);
    }
  }
  for (const feature of features.keys())
    if (!placed.has(feature)) found.push(`feature ${feature} is a column of no input`);
  for (const list of [signature.inputs, signature.outputs])
    if (new Set(list.map((tensor) => tensor.name)).size !== list.length)
      found.push("two tensors have the same name");
  const outputs = new Set(signature.outputs.map((output) => output.name));
  if (signature.task === "classification") {
    if (signature.classes === null) found.push("a classification needs classes");
    if (!outputs.has("label")) found.push("a classification needs the output label");
  } else {
    if (signature.classes !== null) found.push("a regression has no classes");
    if (!outputs.has("prediction")) found.push("a regression needs the output prediction");
  }
  return found;
}

function inputContradictions(
  input: z.infer<typeof inputSchema>,
  features: ReadonlyMap<string, z.infer<typeof featureSchema>>,
): string[] {
  const { image } = input;
  const types = input.columns.map((column) => features.get(column)?.type);
  if (image) {
    const found = imageContradictions({ ...input, image });
    if (types[0] !== "image") found.push(`column ${input.columns[0]} is not a feature of images`);
    if (features.get(input.columns[0] ?? "")?.nullable) found.push("an image cannot be missing");
    return found;
  }
  const found: string[] = [];
  if (types.includes("image")) found.push(`input ${input.name} does not say how it takes images`);
  if (!["FP64", "FP32", "BYTES"].includes(input.datatype))
    found.push(`input ${input.name} must be FP64, FP32 or BYTES`);
  if (input.shape.length !== 2 || input.shape[0] !== -1 || input.shape[1] !== input.columns.length)
    found.push(`input ${input.name} must have the shape [-1,${input.columns.length}]`);
  for (const column of input.columns) {
    const feature = features.get(column);
    if (feature === undefined) found.push(`column ${column} is not a feature`);
    else if ((feature.type === "category") !== (input.datatype === "BYTES"))
      found.push(
        `feature ${column} of type ${feature.type} cannot be in a ${input.datatype} input`,
      );
  }
  return found;
}
