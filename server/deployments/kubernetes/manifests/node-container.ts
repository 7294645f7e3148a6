import type { V1Container, V1EnvVar } from "@kubernetes/client-node";
import { DEPLOYMENT_LABEL, NODE_HTTP_PORT } from "../constants";
import type { ClusterSettings, NodeWorkload } from "./workload";

/** Of a replica where nobody said; a node with a few models of ordinary size. */
const CPU_MILLIS = 500;
const MEMORY_BYTES = 1024 ** 3;
/** Part of the memory that model files may take; the rest is the program's and that of requests. */
const CACHE_SHARE = 0.6;
/** Between the pod leaving the Service and the node saying goodbye, seconds. */
const DRAIN_SECONDS = 5;

/** Kubernetes puts variables in for $(NAME), also for what a user wrote. */
const literally = (text: string): string => text.replaceAll("$", "$$$$");

/** The inference node, registering itself with the labels that place its deployment's versions. */
export function nodeContainer(
  workload: NodeWorkload,
  settings: ClusterSettings,
  name = "node",
): V1Container {
  return {
    name,
    image: settings.image,
    args: nodeArguments(workload, settings),
    env: nodeVariables(workload, settings),
    ports: [{ name: "http", containerPort: NODE_HTTP_PORT, protocol: "TCP" }],
    resources: resourcesOf(workload),
    // Models are loaded by gateways once the node has registered, so the node's own health counts.
    startupProbe: probe("ready", { periodSeconds: 2, failureThreshold: 60, timeoutSeconds: 2 }),
    readinessProbe: probe("ready", { periodSeconds: 5, failureThreshold: 2, timeoutSeconds: 2 }),
    // A long call of a model holds the node's one thread; only a stuck one shall be ended.
    livenessProbe: probe("live", { periodSeconds: 10, failureThreshold: 6, timeoutSeconds: 5 }),
    // The rest of draining is the node's own on SIGTERM: it says goodbye and answers what it has.
    lifecycle: { preStop: { sleep: { seconds: DRAIN_SECONDS } } },
    securityContext: {
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    },
    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
  };
}

function nodeArguments(workload: NodeWorkload, { gatewayUrl }: ClusterSettings): string[] {
  const labels = { ...workload.nodeLabels, [DEPLOYMENT_LABEL]: workload.deploymentId };
  return [
    "--register",
    literally(gatewayUrl),
    "--url",
    `http://$(POD_IP):${NODE_HTTP_PORT}`,
    ...Object.entries(labels)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([key, value]) => ["--label", literally(`${key}=${value}`)]),
  ];
}

/** The keys the Secret has for a node; only the first must be there. */
const SECRETS = ["NODE_TOKEN", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"] as const;

function nodeVariables(workload: NodeWorkload, settings: ClusterSettings): V1EnvVar[] {
  const { store, collectorUrl, secretName } = settings;
  const values: Record<string, string | null> = {
    HOST: "0.0.0.0",
    NODE_PORT: String(NODE_HTTP_PORT),
    MODELYARD_HOME: "/tmp/modelyard",
    NODE_CACHE_BYTES: String(Math.floor(memoryOf(workload) * CACHE_SHARE)),
    LOG_LEVEL: settings.logLevel,
    S3_BUCKET: store?.bucket ?? null,
    S3_ENDPOINT: store?.endpoint ?? null,
    S3_REGION: store?.region ?? null,
    OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl,
  };
  const secrets = store ? SECRETS : SECRETS.slice(0, 1);
  return [
    { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
    ...Object.entries(values).flatMap(([name, value]) =>
      value === null ? [] : [{ name, value: literally(value) }],
    ),
    ...secrets.map((key) => ({
      name: key,
      valueFrom: { secretKeyRef: { name: secretName, key } },
    })),
  ];
}

const memoryOf = ({ resources: { memoryBytes, memoryLimitBytes } }: NodeWorkload): number =>
  memoryBytes ?? Math.min(MEMORY_BYTES, memoryLimitBytes ?? MEMORY_BYTES);

/** Memory is limited to what is asked for; processors are not, where nobody said: an idle one helps nobody. */
function resourcesOf(workload: NodeWorkload): V1Container["resources"] {
  const { cpuMillis, cpuLimitMillis, memoryLimitBytes, gpus } = workload.resources;
  const [bytes, cpu] = [
    memoryOf(workload),
    cpuMillis ?? Math.min(CPU_MILLIS, cpuLimitMillis ?? CPU_MILLIS),
  ];
  const most = Math.max(bytes, memoryLimitBytes ?? bytes);
  const gpu: Record<string, string> = gpus > 0 ? { "nvidia.com/gpu": String(gpus) } : {};
  return {
    requests: { cpu: `${cpu}m`, memory: quantity(bytes), ...gpu },
    limits: {
      ...(cpuLimitMillis === null ? {} : { cpu: `${cpuLimitMillis}m` }),
      memory: quantity(most),
      ...gpu,
    },
  };
}

/** Bytes in the form Kubernetes writes them. */
function quantity(bytes: number): string {
  const mebi = 1024 ** 2;
  return bytes % mebi === 0 ? `${bytes / mebi}Mi` : String(bytes);
}

const probe = (
  what: "live" | "ready",
  times: { periodSeconds: number; failureThreshold: number; timeoutSeconds: number },
) => ({ httpGet: { path: `/v2/health/${what}`, port: "http" }, ...times });
