import { z } from "zod";
import { FIELD_MANAGER } from "../constants";
import type { Manifest } from "../manifests/manifest";
import { sendApply } from "./apply-object";
import type { ClusterApi } from "./cluster-api";
import { type ClusterObject, listObjects } from "./owned-objects";

/** Holds the number of pods between our letting go of it and an autoscaler's first word. */
const HANDOVER_MANAGER = "modelyard-handover";

const autoscalerTarget = z.looseObject({
  spec: z.looseObject({ scaleTargetRef: z.looseObject({ kind: z.string(), name: z.string() }) }),
});

/** Whether somebody else's autoscaler decides how many pods a Deployment has. */
export async function hasForeignAutoscaler(
  api: ClusterApi,
  namespace: string,
  name: string,
): Promise<boolean> {
  const all = await listObjects(api, "HorizontalPodAutoscaler", namespace);
  return all.some((one) => {
    const target = autoscalerTarget.safeParse(one).data?.spec.scaleTargetRef;
    const isOurs = one.metadata.labels?.["app.kubernetes.io/managed-by"] === FIELD_MANAGER;
    return !isOurs && target?.kind === "Deployment" && target.name === name;
  });
}

/**
 * Hands the number of pods to another manager before it is left out of what we apply: a field that
 * nobody manages any more falls back to one pod.
 */
export async function leaveReplicas(
  api: ClusterApi,
  { apiVersion, kind, metadata }: Manifest,
  present: ClusterObject | undefined,
): Promise<void> {
  if (!present || !managesReplicas(present)) return;
  const replicas = z.object({ replicas: z.int() }).safeParse(present.spec).data?.replicas;
  if (replicas === undefined) return;
  const { name, namespace } = metadata ?? {};
  const handover = { apiVersion, kind, metadata: { name, namespace }, spec: { replicas } };
  await sendApply(api, handover as Manifest, HANDOVER_MANAGER, true);
}

function managesReplicas({ metadata }: ClusterObject): boolean {
  return (metadata.managedFields ?? []).some(({ manager, operation, fieldsV1 }) => {
    const spec = fieldsV1?.["f:spec"];
    const isOurs = manager === FIELD_MANAGER && operation === "Apply";
    return isOurs && typeof spec === "object" && spec !== null && "f:replicas" in spec;
  });
}
