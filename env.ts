import { availableParallelism } from "node:os";
import { z } from "zod";
import { SCALING_BACKENDS } from "@/server/deployments/constants";
import { Secret } from "@/server/kernel/secret";

/** The only reader of process.env. Every setting of the product, with its default. */
const port = z.coerce.number().int().min(0).max(65535);
const optionalText = z
  .string()
  .trim()
  .optional()
  .transform((value) => (value ? value : undefined));

/** A setting that no log and no error can print. */
const secretText = optionalText.pipe(
  z
    .string()
    .min(32, "must be at least 32 characters long")
    .max(256)
    .transform((value) => new Secret(value))
    .optional(),
);

/** The same for what others chose, of any length. */
const hiddenText = optionalText.transform((value) => (value ? new Secret(value) : undefined));

const settings = z.object({
  NODE_ENV: z.enum(["development", "test", "production"]).default("production"),
  PORT: port.default(3000),
  /** Where gRPC answers; 8081 when that is free, `off` for nowhere. */
  GRPC_PORT: z.union([z.literal("off"), port], { error: "must be a port, or off" }).optional(),
  HOST: z.string().trim().min(1).default("127.0.0.1"),
  MODELYARD_HOME: z.string().trim().min(1).default(".modelyard"),
  DATABASE_URL: optionalText.pipe(
    z
      .string()
      .regex(/^postgres(ql)?:\/\//, "must start with postgres:// or postgresql://")
      .transform((value) => new Secret(value))
      .optional(),
  ),
  MODELYARD_ADMIN_KEY: secretText,
  MODELYARD_SECRET: secretText,
  /** Wraps the keys of all workspaces; follows from MODELYARD_SECRET when absent. */
  MODELYARD_KEK: secretText,
  /** Earlier values that still unwrap, comma-separated, until `npm run keys:rotate-kek` is done. */
  MODELYARD_KEK_PREVIOUS: hiddenText,
  /** Follows from MODELYARD_SECRET; the supervisor sets it. */
  NEXTAUTH_SECRET: secretText,
  INNGEST_BASE_URL: optionalText.pipe(z.url().optional()),
  INNGEST_EVENT_KEY: hiddenText,
  INNGEST_SIGNING_KEY: hiddenText,
  S3_ENDPOINT: optionalText.pipe(z.url().optional()),
  S3_BUCKET: optionalText,
  S3_REGION: z.string().trim().default("us-east-1"),
  S3_ACCESS_KEY_ID: optionalText,
  S3_SECRET_ACCESS_KEY: hiddenText,
  /** Base URLs of inference nodes, comma-separated; the embedded node when absent. */
  NODE_URLS: optionalText,
  NODE_PORT: port.default(0),
  /** Where a node answers gRPC as well; nowhere when absent. */
  GRPC_NODE_PORT: port.optional(),
  /** Shown by gateways and nodes to each other; follows from MODELYARD_SECRET when absent. */
  NODE_TOKEN: secretText,
  /** What a scraper of /metrics must show; names are told then, else anybody may read and ids are. */
  METRICS_TOKEN: secretText,
  /** Where a node registers; `--register` says the same. */
  NODE_REGISTER: optionalText.pipe(z.url().optional()),
  NODE_CACHE_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(2 * 1024 ** 3),
  /** Models that a node keeps in memory at once; the least recently used go first. */
  NODE_MODELS_MAX: z.coerce.number().int().min(1).max(10_000).default(10_000),
  /** Who gives deployments more nodes: this machine, nobody, or a Kubernetes cluster. */
  SCALING_BACKEND: z.enum(SCALING_BACKENDS).default("local"),
  /** Inference nodes that the supervisor may run at the same time, and as many in Python. */
  NODES_MAX: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(Math.max(1, availableParallelism() - 1)),
  /** Set by the supervisor: the label of the nodes that it starts beside the first. */
  NODE_GROUP: optionalText,
  /** Where pods of nodes run when SCALING_BACKEND is kubernetes; documents name the same. */
  KUBERNETES_NAMESPACE: z
    .string()
    .trim()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "must be the name of a namespace")
    .default("default"),
  /** Of the inference node, as deploy/node.Dockerfile makes it. */
  KUBERNETES_NODE_IMAGE: optionalText,
  /** Secret of the namespace with NODE_TOKEN and the keys of the artifact store. */
  KUBERNETES_NODE_SECRET: z.string().trim().min(1).max(253).default("modelyard-node"),
  /** Labels of machines that pods may run on, `key=value`, comma-separated. */
  KUBERNETES_NODE_SELECTOR: optionalText,
  /** Taints that pods bear, `key=value:Effect` or `key:Effect`, comma-separated. */
  KUBERNETES_TOLERATIONS: optionalText,
  /** Who may reach the pods: those labelled as part of modelyard, any, or no policy is made. */
  KUBERNETES_NODE_INGRESS: z.enum(["product", "anywhere", "unrestricted"]).default("product"),
  /** Whether the Prometheus operator shall scrape the pods. */
  KUBERNETES_POD_MONITOR: z.stringbool().default(false),
  /** Whether the cluster scales, by processor load, deployments that nobody else does. */
  KUBERNETES_AUTOSCALER: z.enum(["none", "hpa"]).default("none"),
  /** A file with the cluster's address and credentials; the cluster this process runs in when absent. */
  KUBECONFIG: optionalText,
  /** Set by Kubernetes in every pod. */
  KUBERNETES_SERVICE_HOST: optionalText,
  /** Training processes that may run at the same time. */
  TRAINING_SLOTS: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(Math.min(4, availableParallelism())),
  /** Where trainers and links reach the web process; follows from HOST and PORT when absent. */
  MODELYARD_URL: optionalText.pipe(z.url().optional()),
  /** Names beside localhost, IP addresses and MODELYARD_URL's under which browsers may ask, comma-separated. */
  ALLOWED_HOSTS: optionalText,
  /** Proxies in front that add to X-Forwarded-For; 0 believes nobody. */
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  /** Requests a second that one API key or person may make; 0 for no limit. */
  RATE_LIMIT_KEY_PER_SECOND: z.coerce.number().int().min(0).max(1e6).default(20_000),
  /** Requests a second of a whole workspace; 0 for no limit. */
  RATE_LIMIT_WORKSPACE_PER_SECOND: z.coerce.number().int().min(0).max(1e6).default(40_000),
  /** Limits are counted here by all web processes together; in process when absent. */
  REDIS_URL: optionalText.pipe(
    z
      .string()
      .regex(/^rediss?:\/\//, "must start with redis:// or rediss://")
      .transform((value) => new Secret(value))
      .optional(),
  ),
  /** Web processes behind one address: each admits this part of a limit while Redis is away. */
  WEB_INSTANCES: z.coerce.number().int().min(1).max(1000).default(1),
  /** Lets identity providers and webhooks be at private addresses, loopback over http; for development. */
  ALLOW_PRIVATE_ADDRESSES: z.stringbool().default(false),
  /** Tokens of another issuer that programs may show; all three or none. */
  JWT_ISSUER: optionalText,
  JWT_AUDIENCE: optionalText,
  JWT_JWKS_URL: optionalText.pipe(z.url().optional()),
  JWT_ALGORITHMS: z
    .string()
    .default("RS256,ES256,EdDSA")
    .transform((text) => text.split(",").map((one) => one.trim()))
    .pipe(z.array(z.enum(["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"])).min(1)),
  /** Claim of such a token that holds its workspaces: { "<slug>": "<role>" }. */
  JWT_WORKSPACES_CLAIM: z.string().trim().min(1).default("modelyard_workspaces"),
  DATASET_MAX_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(1024 ** 3),
  PYTHON: optionalText,
  /** A Python environment with the packages of trainers/requirements.lock; made when absent. */
  MODELYARD_PYTHON_ENV: optionalText,
  /** Whether `npm start` runs an inference node in Python beside the first, for PyTorch archives. */
  PYTHON_NODE: z.stringbool().default(false),
  /** An OpenTelemetry collector that takes OTLP over HTTP; no spans are made when absent. */
  OTEL_EXPORTER_OTLP_ENDPOINT: optionalText.pipe(z.url().optional()),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
});

export type Env = z.infer<typeof settings>;

/** Thrown with one clear line when a setting is wrong. */
export class EnvError extends Error {
  override name = "EnvError";
}

/** Parses settings. Throws EnvError with one line naming the variable and what to fix. */
export function parseEnv(source: Record<string, string | undefined>): Env {
  const parsed = settings.safeParse(source);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0] ?? "environment");
    throw new EnvError(`Setting ${name} is wrong: ${issue?.message ?? "invalid value"}.`);
  }
  const env = parsed.data;
  if (env.INNGEST_BASE_URL && !(env.INNGEST_EVENT_KEY && env.INNGEST_SIGNING_KEY)) {
    throw new EnvError(
      "Setting INNGEST_BASE_URL needs INNGEST_EVENT_KEY and INNGEST_SIGNING_KEY beside it.",
    );
  }
  if (new Set([env.JWT_ISSUER, env.JWT_AUDIENCE, env.JWT_JWKS_URL].map(Boolean)).size > 1) {
    throw new EnvError("Settings JWT_ISSUER, JWT_AUDIENCE and JWT_JWKS_URL go together.");
  }
  const lacking = env.SCALING_BACKEND === "kubernetes" ? lackingForPods(env) : undefined;
  if (lacking) throw new EnvError(`Setting SCALING_BACKEND=kubernetes needs ${lacking}.`);
  if (env.S3_BUCKET && !(env.S3_ACCESS_KEY_ID && env.S3_SECRET_ACCESS_KEY)) {
    throw new EnvError("Setting S3_BUCKET needs S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.");
  }
  return env;
}

/** What pods cannot do without. */
function lackingForPods(env: Env): string | undefined {
  if (!env.KUBERNETES_NODE_IMAGE) return "KUBERNETES_NODE_IMAGE beside it";
  if (!env.MODELYARD_URL) return "MODELYARD_URL: pods register there";
  if (!env.S3_BUCKET) return "S3_BUCKET: pods cannot read artifacts that are files here";
  if (!env.KUBECONFIG && !env.KUBERNETES_SERVICE_HOST)
    return "KUBECONFIG, or to run inside the cluster";
  return undefined;
}

let cached: Env | undefined;

/** The settings of this process, read once. */
export function env(): Env {
  cached ??= parseEnv(process.env);
  return cached;
}

/** The environment handed on to child processes. */
export const inheritedEnv = (): NodeJS.ProcessEnv => ({ ...process.env });

/** A value the supervisor hands to one child; throws when it is missing. */
export function childSetting(name: string): string {
  const value = process.env[name];
  if (!value) throw new EnvError(`${name} is missing: this program is started by the supervisor.`);
  return value;
}
