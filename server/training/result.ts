import { z } from "zod";
import { invalid } from "@/server/kernel/errors";

const metrics = z.record(z.string(), z.number().nullable());

/** `modelyard/result.json`: what a trainer says it made. More fields may stand beside these. */
export const trainerResult = z.looseObject({
  task: z.enum(["classification", "regression"]),
  hyperparameters: z.record(z.string(), z.unknown()).default({}),
  metrics: z.object({ validation: metrics, test: metrics }),
  signature: z.record(z.string(), z.unknown()),
  inputExample: z.unknown().optional(),
  environment: z.record(z.string(), z.unknown()).default({}),
  parity: z.object({
    rows: z.number().int().min(1),
    maxAbsDiff: z.number(),
    labelFlips: z.number().int().min(0),
    tolerance: z.number(),
  }),
  datasetSha256: z.string().optional(),
  durationSeconds: z.number().min(0).optional(),
  files: z
    .array(
      z.object({
        path: z.string().min(1),
        kind: z.string().min(1),
        sizeBytes: z.number().int().min(0),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .min(1),
});
export type TrainerResult = z.infer<typeof trainerResult>;

/** The parity every version must reach: |Δ| of the ONNX answers to the framework's, and label flips. */
export const PARITY = { maxAbsDiff: 1e-5, labelFlips: 0 } as const;

/** Parses a result file. Throws validation_failed with what is wrong with it, parity included. */
export function parseResult(text: string): TrainerResult {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw invalid("The trainer's result file is not JSON.");
  }
  const parsed = trainerResult.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalid(
      `The trainer's result file is not valid: ${issue?.path.join(".")} ${issue?.message}.`,
    );
  }
  const { parity } = parsed.data;
  if (!(parity.maxAbsDiff <= PARITY.maxAbsDiff) || parity.labelFlips > PARITY.labelFlips) {
    throw invalid(
      `The ONNX model does not answer as the trained one: over ${parity.rows} rows the largest difference is ${parity.maxAbsDiff} and ${parity.labelFlips} labels differ.`,
    );
  }
  return parsed.data;
}
