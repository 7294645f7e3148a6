import type { Log } from "@/server/kernel/log";
import type { Manifest } from "../manifests/manifest";
import { objectName } from "../manifests/names";
import { nodeManifests } from "../manifests/node-manifests";
import type { ClusterSettings, NodeWorkload } from "../manifests/workload";
import { applyObject } from "./apply-object";
import type { ClusterApi } from "./cluster-api";
import { hasForeignAutoscaler, leaveReplicas } from "./leave-replicas";
import { deleteObject, type OwnedObject, ownedObjects } from "./owned-objects";

export interface Cluster {
  api: ClusterApi;
  settings: ClusterSettings;
  log: Pick<Log, "info" | "warn">;
}

/**
 * Makes a deployment's objects what they should be: applies all of them and deletes those that shall
 * not be any more. May end anywhere and be made again. Throws ClusterFailure, and unavailable where a
 * stranger has the name.
 */
export async function reconcileNodes(cluster: Cluster, workload: NodeWorkload): Promise<void> {
  const { api, settings } = cluster;
  const owned = await ownedObjects(api, settings.namespace, workload);
  // One without pods is asleep, and no autoscaler wakes it.
  const isForeign =
    workload.replicas !== 0 &&
    (await hasForeignAutoscaler(api, settings.namespace, objectName(workload)));
  const wanted = isForeign ? { ...workload, replicas: null, autoscaler: null } : workload;
  const manifests = nodeManifests(wanted, settings);
  // First: an autoscaler that shall be gone would undo the number that is about to be written.
  for (const one of owned)
    if (!manifests.some((manifest) => isSame(one, manifest)))
      await deleteObject(api, settings.namespace, one);
  for (const manifest of manifests) await applyOne(cluster, manifest, wanted, owned);
}

async function applyOne(
  { api, log }: Cluster,
  manifest: Manifest,
  workload: NodeWorkload,
  owned: readonly OwnedObject[],
): Promise<void> {
  const present = owned.find((one) => isSame(one, manifest))?.object;
  const leaves = workload.replicas === null || workload.autoscaler !== null;
  if (manifest.kind === "Deployment" && leaves) await leaveReplicas(api, manifest, present);
  const conflicts = await applyObject(api, manifest, present !== undefined);
  if (conflicts.length === 0) return;
  log.warn(
    { object: `${manifest.kind}/${manifest.metadata?.name}`, conflicts },
    "somebody else changed what Modelyard manages; it was set back",
  );
}

const isSame = ({ kind, object }: OwnedObject, manifest: Manifest): boolean =>
  kind === manifest.kind && object.metadata.name === manifest.metadata?.name;
