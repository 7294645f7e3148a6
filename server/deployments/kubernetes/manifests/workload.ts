import type { V1Toleration } from "@kubernetes/client-node";
import type { Environment } from "../../constants";
import type { ReplicaResources, ScaledRef } from "../../scaling/backend";

/** What one deployment asks of a cluster. */
export interface NodeWorkload extends ScaledRef {
  name: string;
  environment: Environment;
  /** Pods; null where somebody else decides how many and the field is left to them. */
  replicas: number | null;
  /** An autoscaler by processor load; with one, `replicas` is not written. */
  autoscaler: { min: number; max: number; cpuPercent: number } | null;
  resources: ReplicaResources;
  /** For the objects; what Kubernetes takes for no label is left out. */
  labels: Readonly<Record<string, string>>;
  /** Labels its nodes announce, so that the deployment's versions are placed on them. */
  nodeLabels: Readonly<Record<string, string>>;
}

/** What is the same for all deployments of an installation. */
export interface ClusterSettings {
  /** Names this installation, a label's value. */
  installation: string;
  namespace: string;
  /** Of the inference node. */
  image: string;
  /** Where pods reach this installation. */
  gatewayUrl: string;
  /** Secret of the namespace with NODE_TOKEN and the keys of the artifact store. */
  secretName: string;
  /** Null where artifacts are files, which pods cannot read. */
  store: { bucket: string; endpoint: string | null; region: string } | null;
  collectorUrl: string | null;
  logLevel: string;
  /** Labels of the machines that pods may run on. */
  machineSelector: Readonly<Record<string, string>>;
  tolerations: readonly V1Toleration[];
  /** Who may reach a node: pods of this product, everybody, or no policy is made. */
  ingress: "product" | "anywhere" | "unrestricted";
  /** Whether the cluster has the Prometheus operator and should scrape the nodes. */
  podMonitor: boolean;
}
