import { createHash } from "node:crypto";
import type { V1Toleration } from "@kubernetes/client-node";
import { type Env, EnvError } from "@/env";
import { DEFAULT_NODE_IMAGE } from "./constants";
import type { ClusterSettings } from "./manifests/workload";

/** What the settings of this process say of pods. Throws EnvError with one line for a wrong one. */
export function clusterSettings(env: Env): ClusterSettings {
  const gatewayUrl = env.MODELYARD_URL ?? `http://127.0.0.1:${env.PORT}`;
  return {
    // Two installations never have the same address.
    installation: createHash("sha256").update(gatewayUrl).digest("hex").slice(0, 12),
    gatewayUrl,
    namespace: env.KUBERNETES_NAMESPACE,
    image: env.KUBERNETES_NODE_IMAGE ?? DEFAULT_NODE_IMAGE,
    secretName: env.KUBERNETES_NODE_SECRET,
    store: env.S3_BUCKET
      ? { bucket: env.S3_BUCKET, endpoint: env.S3_ENDPOINT ?? null, region: env.S3_REGION }
      : null,
    collectorUrl: env.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
    logLevel: env.LOG_LEVEL,
    machineSelector: readPairs("KUBERNETES_NODE_SELECTOR", env.KUBERNETES_NODE_SELECTOR),
    tolerations: readTolerations(env.KUBERNETES_TOLERATIONS),
    ingress: env.KUBERNETES_NODE_INGRESS,
    podMonitor: env.KUBERNETES_POD_MONITOR,
  };
}

const items = (text: string | undefined): string[] =>
  (text ?? "")
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);

function readPairs(name: string, text: string | undefined): Record<string, string> {
  return Object.fromEntries(
    items(text).map((item) => {
      const [key, value, ...more] = item.split("=");
      if (!key || value === undefined || more.length > 0)
        throw new EnvError(`Setting ${name} is wrong: ${item} must be written key=value.`);
      return [key, value];
    }),
  );
}

const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/** Written as `kubectl taint` writes taints: `key=value:Effect` or `key:Effect`. */
function readTolerations(text: string | undefined): V1Toleration[] {
  return items(text).map((item) => {
    const [what = "", effect = "", ...more] = item.split(":");
    const [key, value] = what.split("=", 2);
    if (!key || more.length > 0 || !EFFECTS.includes(effect))
      throw new EnvError(
        `Setting KUBERNETES_TOLERATIONS is wrong: ${item} must be written key=value:NoSchedule or key:NoSchedule.`,
      );
    return value === undefined
      ? { key, operator: "Exists", effect }
      : { key, operator: "Equal", value, effect };
  });
}
