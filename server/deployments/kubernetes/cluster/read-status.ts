import { z } from "zod";
import type { ScaleStatus } from "../../scaling/backend";

const condition = z.looseObject({
  type: z.string(),
  status: z.string(),
  reason: z.string().catch(""),
  message: z.string().catch(""),
});
const conditions = z.array(condition).nullish().catch(null);
type Condition = z.output<typeof condition>;

const deploymentObject = z.looseObject({
  metadata: z.looseObject({ generation: z.int().catch(0) }),
  spec: z.looseObject({ replicas: z.int().catch(1) }),
  status: z
    .looseObject({
      observedGeneration: z.int().catch(0),
      readyReplicas: z.int().catch(0),
      updatedReplicas: z.int().catch(0),
      conditions,
    })
    .catch({ observedGeneration: 0, readyReplicas: 0, updatedReplicas: 0, conditions: null }),
});

const waiting = z
  .looseObject({
    waiting: z
      .looseObject({ reason: z.string().catch(""), message: z.string().catch("") })
      .nullish(),
  })
  .nullish()
  .catch(null);
const podObject = z.looseObject({
  status: z
    .looseObject({
      phase: z.string().catch(""),
      conditions,
      containerStatuses: z
        .array(
          z.looseObject({ ready: z.boolean().catch(false), state: waiting, lastState: waiting }),
        )
        .nullish()
        .catch(null),
    })
    .catch({ phase: "", conditions: null, containerStatuses: null }),
});

/**
 * How a Deployment does, from the state it was last looked at in and its pods, and what is in the
 * way in words a person can act on.
 */
export function readStatus(deployment: unknown, pods: readonly unknown[] = []): ScaleStatus {
  const { metadata, spec, status } = deploymentObject.parse(deployment);
  const replicas = spec.replicas;
  // Counts that belong to an older state of the object say nothing about this one.
  if (status.observedGeneration < metadata.generation)
    return { replicas, ready: 0, message: "Kubernetes has not yet looked at the newest change." };
  const ready = Math.min(status.readyReplicas, replicas);
  return { replicas, ready, message: trouble(status, replicas, ready, pods) };
}

function trouble(
  status: z.output<typeof deploymentObject>["status"],
  replicas: number,
  ready: number,
  pods: readonly unknown[],
): string | null {
  const find = (type: string, value: string): Condition | undefined =>
    status.conditions?.find((one) => one.type === type && one.status === value);
  const failure = find("ReplicaFailure", "True");
  if (failure) return `Kubernetes cannot make the pods: ${failure.message}`;
  const isDone = ready >= replicas && status.updatedReplicas >= replicas;
  if (isDone) return null;
  const reasons = new Set(pods.map(podTrouble).filter((one) => one !== null));
  const [first] = reasons;
  if (first !== undefined)
    return `${replicas - ready} of ${replicas} replicas are not ready: ${first}`;
  if (find("Progressing", "False")?.reason === "ProgressDeadlineExceeded")
    return `${replicas - ready} of ${replicas} replicas did not become ready within ten minutes.`;
  return `${ready} of ${replicas} replicas are ready.`;
}

/** Why containers wait, in words; the kubelet's own reason where it is another. */
const WAITS: Readonly<Record<string, string>> = {
  ImagePullBackOff: "the image of the node cannot be pulled; check KUBERNETES_NODE_IMAGE",
  ErrImagePull: "the image of the node cannot be pulled; check KUBERNETES_NODE_IMAGE",
  InvalidImageName: "the name of the node's image is wrong; check KUBERNETES_NODE_IMAGE",
  CrashLoopBackOff: "the node ends again and again; its pod's log says why",
  CreateContainerConfigError:
    "the Secret of the nodes is missing or lacks a key; see docs/kubernetes.md",
};

/** What keeps one pod; null where nothing does yet. */
function podTrouble(pod: unknown): string | null {
  const { status } = podObject.parse(pod);
  const scheduled = status.conditions?.find(
    (one) => one.type === "PodScheduled" && one.status === "False",
  );
  if (scheduled?.reason === "Unschedulable") return `no machine fits it (${scheduled.message})`;
  for (const container of status.containerStatuses ?? []) {
    const wait = container.state?.waiting;
    if (!wait || wait.reason === "ContainerCreating" || wait.reason === "PodInitializing") continue;
    const known = WAITS[wait.reason];
    if (known) return `${known} (${wait.reason}).`;
    if (wait.reason) return [wait.reason, wait.message].filter(Boolean).join(": ");
  }
  return null;
}
