import type { FakeApiServer } from "./fake-api-server";
import { StoredObject } from "./stored-object";

interface Fate {
  /** Pods that are ready of each Deployment; all when absent. */
  ready?: number;
  /** What the others say of themselves. */
  podStatus?: Record<string, unknown>;
  /** Of the Deployment, beside its counts. */
  conditions?: object[];
}

/** What the controllers of a cluster and its kubelets do when they come around: pods and statuses. */
export function runControllers(
  server: FakeApiServer,
  { ready, podStatus, conditions }: Fate = {},
): void {
  for (const deployment of server.all("Deployment")) {
    const { spec } = deployment.plain();
    const replicas = Number(spec?.replicas);
    const isReady = Math.min(replicas, ready ?? replicas);
    const { metadata } = (spec?.template ?? {}) as { metadata?: object };
    const before = server.all("Pod").filter((pod) => pod.name.startsWith(`${deployment.name}-`));
    for (const pod of before) server.objects.delete(`Pod/${pod.name}`);
    for (let index = 0; index < replicas; index++) {
      const name = `${deployment.name}-5d4f8c7b9d-${index}`;
      const pod = server.put(new StoredObject("v1", "Pod", server.namespace, name));
      pod.update({ metadata }, "kube-controller-manager");
      pod.status = index < isReady ? { phase: "Running" } : { phase: "Pending", ...podStatus };
    }
    deployment.status = {
      observedGeneration: deployment.generation,
      replicas,
      updatedReplicas: replicas,
      ...(isReady > 0 && { readyReplicas: isReady }),
      conditions: conditions ?? [],
    };
  }
}

/** What the autoscaler of a cluster does: it sets the number by the subresource `scale`. */
export function autoscale(server: FakeApiServer, name: string, replicas: number): void {
  server
    .find("Deployment", name)
    ?.update({ spec: { replicas } }, "kube-controller-manager", "scale");
}
