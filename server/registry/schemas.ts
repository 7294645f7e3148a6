import { z } from "zod";
import { pageQuery } from "@/server/kernel/paging";
import { signatureSchema } from "@/server/protocols/open-inference/codec/signature";
import { COMPARED_VERSIONS_MAX, FRAMEWORKS, LINEAGE_KINDS, MODEL_TYPES } from "./constants";

/** Names end up in URLs, file names and MLflow paths; this keeps them harmless in all three. */
export const modelName = z
  .string()
  .normalize("NFKC")
  .trim()
  .min(1)
  .max(200)
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u,
    "may hold letters, digits, spaces, dots, dashes and underscores, and begins with a letter or digit",
  )
  .refine((name) => !name.includes(".."), "may not hold two dots in a row")
  .refine((name) => !z.uuid().safeParse(name).success, "may not look like an id");

/**
 * Names as MLflow's clients may give them, kept as they are: no slash and no colon, and nothing that
 * reads as another path.
 */
export const freeModelName = z
  .string()
  .min(1)
  .max(256)
  .refine((name) => name.trim() !== "", "Registered model name cannot be empty.")
  .refine((name) => !/[/:]/.test(name), "Names cannot contain '/' or ':'.")
  .refine(
    (name) => name !== "." && !name.startsWith("..") && !/\p{Cc}/u.test(name),
    "Names may be treated as files in certain cases, and must not resolve to other names when treated as such.",
  );

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
  stage: z.string().max(40).optional().describe("Key of a stage that one of its versions is in."),
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

export const modelRef = z.object({
  model: z.string().min(1).max(300).describe("Id, name, or `name:` and the exact name."),
});

export const versionRef = modelRef.extend({
  version: z.string().min(1).max(300).describe("Number, id, `latest`, or `@` and an alias."),
});

/** Metric name → value; null where it was not a number. */
const metricValues = z.record(z.string().min(1).max(250), z.number().nullable());

export const versionMetrics = z.object({ validation: metricValues, test: metricValues });

export const parityReport = z.object({
  /** Held-out rows that were compared. */
  rows: z.number().int(),
  /** Largest difference between the ONNX and the framework's answers. */
  maxAbsDiff: z.number(),
  labelFlips: z.number().int(),
  tolerance: z.number(),
});

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hexadecimal digits");

/** A path inside a version: names between slashes, no way out of it. */
export const artifactPath = z
  .string()
  .min(1)
  .max(500)
  .refine(
    (path) =>
      !/[\\\p{Cc}]/u.test(path) &&
      path.split("/").every((part) => part !== "" && part !== "." && part !== ".."),
    "must be names between slashes, without . and ..",
  );

export const versionArtifactInput = z.strictObject({
  path: artifactPath,
  kind: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,39}$/)
    .describe("`model` is the deployable ONNX file; for instance native, requirements, profile."),
  sha256,
  sizeBytes: z.number().int().min(0),
});

export const registerVersionInput = z.strictObject({
  modelId: z.uuid(),
  runId: z.uuid().nullable(),
  datasetId: z.uuid().nullable(),
  trainingJobId: z.uuid().nullable(),
  label: z.string().trim().min(1).max(100).nullable(),
  description: z.string().max(10_000).default(""),
  algorithm: z.string().min(1).max(100).nullable(),
  task: z.string().min(1).max(100),
  hyperparameters: z.record(z.string(), z.unknown()),
  metrics: versionMetrics,
  signature: signatureSchema,
  inputExample: z.unknown(),
  environment: z.record(z.string(), z.unknown()),
  parity: parityReport.nullable(),
  seed: z.number().int().nullable(),
  durationSeconds: z.number().min(0).nullable(),
  artifacts: z.array(versionArtifactInput).max(1_000),
});

export const updateVersionInput = z.strictObject({
  label: z.string().trim().min(1).max(100).nullable().optional(),
  description: z.string().max(10_000).optional(),
});

export const listVersionsInput = modelRef.extend(pageQuery.shape).extend({
  sort: z.enum(["number", "createdAt"]).default("number"),
});

export const versionSummary = z.object({
  id: z.uuid(),
  modelId: z.uuid(),
  modelName: z.string(),
  number: z.number().int(),
  label: z.string().nullable(),
  semanticVersion: z.string().nullable(),
  description: z.string(),
  parentVersionId: z.uuid().nullable(),
  runId: z.uuid().nullable(),
  datasetId: z.uuid().nullable(),
  datasetSha256: z.string().nullable(),
  trainingJobId: z.uuid().nullable(),
  algorithm: z.string().nullable(),
  task: z.string(),
  hyperparameters: z.record(z.string(), z.unknown()),
  metrics: versionMetrics,
  parity: parityReport.nullable(),
  seed: z.number().int().nullable(),
  durationSeconds: z.number().int().nullable(),
  stage: z.string().describe("Key of one of the workspace's stages."),
  source: z.string().nullable().describe("Where an MLflow client said its files are."),
  createdBy: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type VersionSummary = z.infer<typeof versionSummary>;

export const versionDto = versionSummary.extend({
  /** null while there is no deployable file. */
  signature: signatureSchema.nullable(),
  signatureRevision: z.number().int().describe("Counts its changes; 1 is what it came with."),
  inputExample: z.unknown(),
  environment: z.record(z.string(), z.unknown()),
});
export type VersionDto = z.infer<typeof versionDto>;

export const versionArtifact = z.object({
  path: z.string(),
  kind: z.string(),
  sha256: z.string(),
  sizeBytes: z.number().int(),
});
export type VersionArtifact = z.infer<typeof versionArtifact>;

export const lineageNode = z.object({
  id: z.string(),
  kind: z.enum(LINEAGE_KINDS),
  label: z.string(),
  /** One more line for the graph; null when there is nothing to say. */
  detail: z.string().nullable(),
});
export type LineageNode = z.infer<typeof lineageNode>;

export const lineageEdge = z.object({ from: z.string(), to: z.string(), label: z.string() });
export type LineageEdge = z.infer<typeof lineageEdge>;

export const compareVersionsInput = modelRef.extend({
  versions: z
    .union([
      z.array(z.string()),
      z.string().transform((list) => list.split(",").map((one) => one.trim())),
    ])
    .pipe(z.array(z.string().min(1).max(40)).min(2).max(COMPARED_VERSIONS_MAX))
    .refine((list) => new Set(list).size === list.length, "name each version once")
    .describe("Two to ten versions, comma-separated: number, id or `latest`."),
  differencesOnly: z
    .enum(["true", "false"])
    .default("false")
    .describe("Leaves rows away in which all versions agree."),
});

const comparedRow = z.object({
  name: z.string(),
  /** In the order of `versions`; null where a version has none. */
  values: z.array(z.unknown()),
  /** False when every version has the same value. */
  differs: z.boolean(),
});
export type ComparedRow = z.infer<typeof comparedRow>;

export const versionComparison = z.object({
  model: z.object({ id: z.uuid(), name: z.string() }),
  versions: z.array(
    versionSummary.pick({ id: true, number: true, label: true, stage: true, createdAt: true }),
  ),
  facts: z.array(comparedRow).describe("Algorithm, dataset, seed, duration."),
  metrics: z.array(comparedRow).describe("Named `validation.<metric>` and `test.<metric>`."),
  hyperparameters: z.array(comparedRow),
  features: z.array(comparedRow).describe("Type of each feature."),
  signature: z.array(comparedRow).describe("Data type and shape of each input and output."),
  environment: z.array(comparedRow).describe("Named by their path, such as `packages.numpy`."),
});
export type VersionComparison = z.infer<typeof versionComparison>;
