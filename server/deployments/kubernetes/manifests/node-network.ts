import type { V1NetworkPolicySpec, V1Service } from "@kubernetes/client-node";
import { NODE_HTTP_PORT } from "../constants";
import type { Manifest } from "./manifest";
import { objectMeta, selectorLabels } from "./names";
import type { ClusterSettings, NodeWorkload } from "./workload";

/** Headless: gateways know every node by its own address and choose by themselves. */
export const nodeService = (workload: NodeWorkload, settings: ClusterSettings): V1Service => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: objectMeta(workload, settings),
  spec: {
    clusterIP: "None",
    selector: selectorLabels(workload),
    ports: [
      {
        name: "http",
        port: NODE_HTTP_PORT,
        targetPort: "http",
        protocol: "TCP",
        appProtocol: "http",
      },
    ],
  },
});

/** As it is sent; the client's own type calls `from` otherwise. */
interface NetworkPolicy extends Manifest {
  spec: Omit<V1NetworkPolicySpec, "ingress"> & { ingress: object[] };
}

/**
 * Who may reach the nodes. The way out stays open: it leads to the product and its artifact store,
 * which policies cannot name by host.
 */
export function nodeNetworkPolicy(
  workload: NodeWorkload,
  settings: ClusterSettings,
): NetworkPolicy | undefined {
  const { ingress, podMonitor } = settings;
  if (ingress === "unrestricted") return undefined;
  // Where Prometheus runs is not known; what it may read the node token guards.
  const isOpen = ingress === "anywhere" || podMonitor;
  const product = { "app.kubernetes.io/part-of": "modelyard" };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: objectMeta(workload, settings),
    spec: {
      podSelector: { matchLabels: selectorLabels(workload) },
      policyTypes: ["Ingress"],
      ingress: [
        {
          ports: [{ port: NODE_HTTP_PORT, protocol: "TCP" }],
          ...(!isOpen && {
            from: [{ namespaceSelector: {}, podSelector: { matchLabels: product } }],
          }),
        },
      ],
    },
  };
}
