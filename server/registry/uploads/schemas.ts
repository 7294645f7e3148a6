import { z } from "zod";
import { DATATYPES } from "@/server/protocols/open-inference/codec/datatypes";
import { imageSchema } from "@/server/protocols/open-inference/codec/image-input";
import { signatureSchema } from "@/server/protocols/open-inference/codec/signature";
import { versionMetrics } from "../schemas";

const { order, scale, fit, ...sizes } = imageSchema.shape;

const name = z.string().min(1).max(256);

/** What a graph does not say of itself. */
export const signatureHints = z.strictObject({
  task: z.enum(["classification", "regression"]).optional(),
  target: name.default("target"),
  features: z
    .array(name)
    .min(1)
    .max(10_000)
    .optional()
    .describe("Names of the columns, input by input in the graph's order."),
  classes: z
    .array(z.union([z.string(), z.number(), z.boolean()]))
    .min(2)
    .max(10_000)
    .optional()
    .describe("What each label index stands for; 0, 1, 2 … when absent."),
  outputs: z
    .strictObject({
      label: name.optional(),
      probabilities: name.optional(),
      prediction: name.optional(),
      logits: name
        .optional()
        .describe("Scores before the softmax, of which probabilities and label are made."),
    })
    .optional()
    .describe(
      "What the graph calls these outputs, where it does not use these names. A label that it lacks is the class of the highest score.",
    ),
  image: z
    // Without the defaults, which what the file says comes before.
    .strictObject({ ...sizes, order: order.unwrap(), scale: scale.unwrap(), fit: fit.unwrap() })
    .partial()
    .optional()
    .describe(
      "How an input of four dimensions takes images; what the graph's shape says may be left out.",
    ),
  signature: signatureSchema.optional().describe("The whole signature, instead of the above."),
  inputExample: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("A row the model must answer."),
});
export type SignatureHints = z.infer<typeof signatureHints>;

/** A form's field holds JSON where it is no plain text. */
const json = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .max(4_000_000)
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: "custom", message: "must be JSON" });
        return z.NEVER;
      }
    })
    .pipe(schema);

const hints = signatureHints.shape;
export const uploadFields = z.strictObject({
  task: hints.task,
  target: hints.target,
  features: json(hints.features.unwrap()).optional(),
  classes: json(hints.classes.unwrap()).optional(),
  outputs: json(hints.outputs.unwrap()).optional(),
  image: json(hints.image.unwrap()).optional(),
  signature: json(signatureSchema).optional(),
  inputExample: json(hints.inputExample.unwrap()).optional(),
  label: z.string().trim().min(1).max(100).nullable().default(null),
  description: z.string().max(10_000).default(""),
  algorithm: z.string().min(1).max(100).nullable().default(null),
  hyperparameters: json(z.record(z.string(), z.unknown())).prefault("{}"),
  metrics: json(versionMetrics).prefault('{"validation":{},"test":{}}'),
  datasetId: z.uuid().nullable().default(null),
  runId: z.uuid().nullable().default(null),
});

/** The form as the document shows it. */
export const uploadForm = z.object({
  model: z.file().describe("model.onnx or model.pt2: one file, all weights inside."),
  task: z.enum(["classification", "regression"]).optional(),
  target: z.string().optional(),
  features: z.string().optional().describe("JSON list of column names."),
  classes: z.string().optional().describe("JSON list of what each label index stands for."),
  outputs: z.string().optional().describe('JSON: {"prediction": "variable"}, what the graph says.'),
  image: z
    .string()
    .optional()
    .describe('JSON: {"scale": 0.0039, "mean": […], "std": […]}, how images become its input.'),
  signature: z.string().optional().describe("JSON: the whole signature instead."),
  inputExample: z.string().optional().describe("JSON object: a row the model must answer."),
  label: z.string().optional(),
  description: z.string().optional(),
  algorithm: z.string().optional(),
  hyperparameters: z.string().optional().describe("JSON object."),
  metrics: z.string().optional().describe('JSON: {"validation": {…}, "test": {…}}.'),
  datasetId: z.string().optional(),
  runId: z.string().optional(),
});

/** What the checking process found. */
export const checkedModel = z.object({
  signature: signatureSchema,
  /** To be added at the end of the file, so that its outputs have the names we use; mostly empty. */
  suffix: z.instanceof(Uint8Array),
  /** What the model answered to the input example; null when none was sent. */
  exampleAnswer: z.unknown(),
});
export type CheckedModel = z.infer<typeof checkedModel>;

const graphTensor = z.object({
  name: z.string(),
  datatype: z.enum(DATATYPES),
  shape: z.array(z.number().int()).describe("-1 is any length."),
});

/** What a file says of itself, and what could be its signature. */
export const signatureProposal = z.object({
  graph: z.object({ inputs: z.array(graphTensor), outputs: z.array(graphTensor) }),
  /** null where the graph does not say enough. */
  signature: signatureSchema.nullable(),
  outputs: signatureHints.shape.outputs.describe("What the graph's outputs were taken for."),
  assumptions: z.array(z.string()).describe("What the graph does not say and was assumed."),
  reason: z.string().nullable().describe("Why there is no signature, and what would help."),
});
export type SignatureProposal = z.infer<typeof signatureProposal>;
