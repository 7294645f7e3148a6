import { createHash } from "node:crypto";
import {
  DEPLOYMENT_LABEL,
  ENVIRONMENT_LABEL,
  FIELD_MANAGER,
  INSTALLATION_LABEL,
  NAME_ANNOTATION,
  WORKSPACE_LABEL,
} from "../constants";
import type { ClusterSettings, NodeWorkload } from "./workload";

const READABLE_MAX = 30;
const HASH_LENGTH = 10;

type Named = Pick<NodeWorkload, "workspaceId" | "deploymentId" | "name">;

/**
 * The name of a deployment's objects: a DNS-1035 label of at most 46 characters, which leaves room
 * for what ReplicaSets and pods add to it within 63. Names of two workspaces never meet, since a
 * digest of both ids is part of it.
 */
export function objectName({ workspaceId, deploymentId, name }: Named): string {
  const digest = createHash("sha256").update(`${workspaceId}/${deploymentId}`).digest("hex");
  const readable = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+/g, "")
    .slice(0, READABLE_MAX)
    .replaceAll(/-+$/g, "");
  return ["mdy", readable, digest.slice(0, HASH_LENGTH)].filter(Boolean).join("-");
}

/** What never changes of a workload's pods: selectors are fixed once an object exists. */
export const selectorLabels = (workload: Named) => ({
  "app.kubernetes.io/name": "modelyard-node",
  "app.kubernetes.io/instance": objectName(workload),
});

const LABEL_KEY =
  /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** Labels that Kubernetes takes as such. */
const validLabels = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(labels).filter(([key, value]) => LABEL_KEY.test(key) && LABEL_VALUE.test(value)),
  );

/** Labels of every object of a workload: whose it is, in common words and in ours. */
export const objectLabels = (
  workload: NodeWorkload,
  { installation }: ClusterSettings,
): Record<string, string> => ({
  ...validLabels(workload.labels),
  ...selectorLabels(workload),
  "app.kubernetes.io/component": "inference-node",
  "app.kubernetes.io/part-of": "modelyard",
  "app.kubernetes.io/managed-by": FIELD_MANAGER,
  [WORKSPACE_LABEL]: workload.workspaceId,
  [DEPLOYMENT_LABEL]: workload.deploymentId,
  [ENVIRONMENT_LABEL]: workload.environment,
  [INSTALLATION_LABEL]: installation,
});

/** Name, namespace, labels and the name people know. */
export const objectMeta = (workload: NodeWorkload, settings: ClusterSettings) => ({
  name: objectName(workload),
  namespace: settings.namespace,
  labels: objectLabels(workload, settings),
  annotations: { [NAME_ANNOTATION]: workload.name },
});
