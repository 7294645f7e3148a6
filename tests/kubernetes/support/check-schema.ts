import { ObjectSerializer } from "@kubernetes/client-node/dist/gen/models/ObjectSerializer.js";
import { Rollout } from "@kubernetes-models/argo-rollouts/argoproj.io/v1alpha1/Rollout";
import { PodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { HorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1/PodDisruptionBudget";
import { Service } from "kubernetes-models/v1/Service";
import { ServiceAccount } from "kubernetes-models/v1/ServiceAccount";
import type { Manifest } from "@/server/deployments/kubernetes/manifests/manifest";

/** Checks of values, required members and forms, generated from the published OpenAPI documents. */
const MODELS: Record<string, new (data: never) => { validate(): void }> = {
  Deployment,
  HorizontalPodAutoscaler,
  NetworkPolicy,
  PodDisruptionBudget,
  PodMonitor,
  Rollout,
  Service,
  ServiceAccount,
};

/** Types whose members the client knows, from the same documents. */
const TYPES: Record<string, string> = {
  Deployment: "V1Deployment",
  HorizontalPodAutoscaler: "V2HorizontalPodAutoscaler",
  NetworkPolicy: "V1NetworkPolicy",
  PodDisruptionBudget: "V1PodDisruptionBudget",
  Pod: "V1Pod",
  Service: "V1Service",
  ServiceAccount: "V1ServiceAccount",
};

/** What an API server would say of an object; null when it would take it. */
export function schemaProblem(object: Manifest): string | null {
  const { kind = "" } = object;
  const Model = MODELS[kind];
  if (!Model) return `nobody knows a ${kind}`;
  try {
    new Model(object as never).validate();
  } catch (error) {
    return String(error);
  }
  const type = TYPES[kind];
  return type ? unknownMember(object, type) : null;
}

/** The client drops members that no schema has. */
function unknownMember(object: unknown, type: string): string | null {
  const before = JSON.parse(JSON.stringify(object)) as unknown;
  const read = ObjectSerializer.deserialize(before, type, "") as unknown;
  const after = JSON.parse(JSON.stringify(ObjectSerializer.serialize(read, type, ""))) as unknown;
  return firstMissing(before, after, "");
}

function firstMissing(before: unknown, after: unknown, path: string): string | null {
  if (typeof before !== "object" || before === null) return null;
  for (const [key, value] of Object.entries(before)) {
    const other = (after as Record<string, unknown> | undefined)?.[key];
    if (other === undefined) return `unknown field "${path}.${key}"`;
    const found = firstMissing(value, other, `${path}.${key}`);
    if (found) return found;
  }
  return null;
}
