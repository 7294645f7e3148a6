import { z } from "zod";
import type { ObjectAccess } from "@/server/kernel/ports";
import {
  badRequest,
  quoted,
  type Signature,
  signatureSchema,
} from "@/server/protocols/open-inference/codec";
import { queueIdOf } from "./queue-id";

const MICROSECONDS_MAX = 600_000_000;

/** How requests of one model are queued and merged; names and meaning as in Triton. */
const modelConfigSchema = z.strictObject({
  /** auto, the default, keeps calls short and never delays; fixed obeys; off merges nothing. */
  mode: z.enum(["auto", "fixed", "off"]).optional(),
  /** Rows that may run as one call; larger requests are sliced. 0 runs each request whole, alone. */
  max_batch_size: z.int().min(0).max(65_536).optional(),
  preferred_batch_size: z.array(z.int().min(1).max(65_536)).max(16).optional(),
  /** How long a request may wait for neighbors while nothing runs. */
  max_queue_delay_microseconds: z.int().min(0).max(1_000_000).optional(),
  /** Requests that may wait; more are refused with 503. */
  max_queue_size: z.int().min(1).max(100_000).optional(),
  /** Priorities that requests may name, 1 the highest; 0 takes no notice of them. */
  priority_levels: z.int().min(0).max(100).optional(),
  /** That of requests which name none; the lowest when absent. */
  default_priority_level: z.int().min(1).max(100).optional(),
  /** Whether a request may wait shorter than the default; true when absent. */
  allow_timeout_override: z.boolean().optional(),
  default_timeout_microseconds: z.int().min(1).max(MICROSECONDS_MAX).optional(),
  intra_op_threads: z.int().min(1).max(64).optional(),
});
export type ModelConfig = z.infer<typeof modelConfigSchema>;

const parametersSchema = z.strictObject({
  /** SHA-256 of the ONNX file, lower-case hex. */
  artifact: z.string().regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hex digits"),
  size_bytes: z.int().min(1).optional(),
  /** Where the sealed file lies and the key that opens it alone; given together. */
  workspace_id: z.uuid().optional(),
  object_id: z.uuid().optional(),
  object_key: z
    .string()
    .regex(/^[A-Za-z0-9+/]{43}=$/, "must be 32 bytes in base64")
    .optional(),
  signature: z.string().max(4_000_000).optional(),
  config: z.string().max(100_000).optional(),
});

export type LoadRequest = {
  name: string;
  artifact: string;
  sizeBytes: number | undefined;
  access: ObjectAccess | undefined;
  signature: Signature | undefined;
  /** Undefined keeps what is known of a model that is there already. */
  config: ModelConfig | undefined;
  /** The queue that `config` is for beside the model's own; undefined without one. */
  queue: number | undefined;
  /** Equal for requests that would load the same thing. */
  fingerprint: string;
};

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Checks the body of a load request. Throws ProtocolError 400 that names what is wrong. */
export function parseLoadRequest(name: string, body: unknown): LoadRequest {
  if (!NAME.test(name))
    throw badRequest(
      `model name ${quoted(name)} must be 1 to 128 letters, digits, dots, dashes or underscores`,
    );
  const { parameters } = check(z.strictObject({ parameters: parametersSchema }), body, "request");
  const config =
    parameters.config === undefined
      ? undefined
      : check(modelConfigSchema, parseJson(parameters.config, "config"), "config");
  const signature =
    parameters.signature === undefined
      ? undefined
      : check(signatureSchema, parseJson(parameters.signature, "signature"), "signature");
  const threads = config?.intra_op_threads ?? null;
  const fingerprint = JSON.stringify([parameters.artifact, signature ?? null, threads]);
  const { artifact, size_bytes: sizeBytes } = parameters;
  const access = accessOf(parameters);
  const queue = parameters.config === undefined ? undefined : queueIdOf(parameters.config);
  return { name, artifact, sizeBytes, access, signature, config, queue, fingerprint };
}

function accessOf(parameters: z.infer<typeof parametersSchema>): ObjectAccess | undefined {
  const { workspace_id: workspaceId, object_id: objectId, object_key: key } = parameters;
  const given = [workspaceId, objectId, key].filter(Boolean).length;
  if (given === 0) return undefined;
  const { size_bytes: sizeBytes } = parameters;
  if (workspaceId && objectId && key && sizeBytes) return { workspaceId, objectId, key, sizeBytes };
  throw badRequest("workspace_id, object_id, object_key and size_bytes must be given together");
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest(`the parameter ${what} is not valid JSON`);
  }
}

function check<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues
    .slice(0, 5)
    .map((issue) => `${[what, ...issue.path].join(".")}: ${issue.message}`);
  throw badRequest(`the load request is not valid: ${issues.join("; ")}`.slice(0, 1000));
}
