import type { Manifest } from "../manifests/manifest";

/** The kinds a deployment may have, as an API server addresses them, in the order they are removed. */
const KINDS = {
  HorizontalPodAutoscaler: { apiVersion: "autoscaling/v2", plural: "horizontalpodautoscalers" },
  PodMonitor: { apiVersion: "monitoring.coreos.com/v1", plural: "podmonitors" },
  Deployment: { apiVersion: "apps/v1", plural: "deployments" },
  PodDisruptionBudget: { apiVersion: "policy/v1", plural: "poddisruptionbudgets" },
  Service: { apiVersion: "v1", plural: "services" },
  NetworkPolicy: { apiVersion: "networking.k8s.io/v1", plural: "networkpolicies" },
  ServiceAccount: { apiVersion: "v1", plural: "serviceaccounts" },
  Pod: { apiVersion: "v1", plural: "pods" },
} as const;
export type ObjectKind = keyof typeof KINDS;

/** What is made for a deployment; pods come and go with its Deployment. */
export const MADE_KINDS = Object.keys(KINDS).filter((kind) => kind !== "Pod") as ObjectKind[];

const isKind = (text: string | undefined): text is ObjectKind =>
  text !== undefined && Object.hasOwn(KINDS, text);

/** Address of all objects of a kind in a namespace. */
export function listPath(kind: ObjectKind, namespace: string): string {
  const { apiVersion, plural } = KINDS[kind];
  const root = apiVersion.includes("/") ? "apis" : "api";
  return `/${root}/${apiVersion}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
}

/** Address of one object. Throws for one of a kind or without a name that is never made. */
export function objectPath({ kind, metadata }: Manifest): string {
  const { name, namespace } = metadata ?? {};
  if (!isKind(kind) || !name || !namespace) throw new Error(`No address for a ${kind} ${name}.`);
  return `${listPath(kind, namespace)}/${encodeURIComponent(name)}`;
}
