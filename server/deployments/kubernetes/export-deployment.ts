import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { env } from "@/env";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import type { Environment } from "../constants";
import { type DeploymentRow, getDeploymentInWorkspace } from "../internal";
import { resourcesOf } from "../settings/resources";
import { deploymentSettings } from "../settings/settings";
import { clusterSettings } from "./cluster-settings";
import { CPU_PERCENT, type KubernetesFormat } from "./constants";
import { argoManifests } from "./manifests/argo-manifests";
import { kserveManifests } from "./manifests/kserve-manifests";
import type { Manifest } from "./manifests/manifest";
import { objectName } from "./manifests/names";
import { nodeManifests } from "./manifests/node-manifests";
import type { ClusterSettings, NodeWorkload } from "./manifests/workload";
import { writeYaml } from "./manifests/write-yaml";
import { exportInput, type KubernetesExportDto, manifestList } from "./schemas";

const MAKERS = {
  modelyard: nodeManifests,
  kserve: kserveManifests,
  "argo-rollout": argoManifests,
} satisfies Record<KubernetesFormat, (a: NodeWorkload, b: ClusterSettings) => Manifest[]>;

/**
 * The objects that run a deployment's nodes in a cluster, to apply by hand or to keep in a
 * repository. They hold no secret, only its name. Throws not_found.
 */
export async function exportDeployment(
  ctx: Context,
  input: z.input<typeof exportInput>,
  installation: ClusterSettings = clusterSettings(env()),
): Promise<KubernetesExportDto> {
  requirePermission(ctx, "deployments:read");
  const { deployment: ref, format, namespace, image } = exportInput.parse(input);
  const row = await withWorkspace(ctx, (tx) => getDeploymentInWorkspace(tx, ctx, ref));
  const settings = {
    ...installation,
    ...(namespace !== undefined && { namespace }),
    ...(image !== undefined && { image }),
  };
  const workload = toWorkload(row);
  const objects = MAKERS[format](workload, settings);
  const notes = notesOn(settings, format);
  return {
    format,
    fileName: `${objectName(workload)}.yaml`,
    yaml: writeYaml(objects, [`Nodes of the deployment ${row.name} (${format}).`, ...notes]),
    list: manifestList.parse({ apiVersion: "v1", kind: "List", items: objects }),
    notes,
  };
}

/** Outside of our own backend the cluster decides how many pods there are between the bounds. */
function toWorkload(row: DeploymentRow): NodeWorkload {
  const { minReplicas, maxReplicas } = row;
  const stored = deploymentSettings.safeParse(row.settings).data ?? deploymentSettings.parse({});
  const min = Math.max(1, minReplicas);
  return {
    workspaceId: row.workspaceId,
    deploymentId: row.id,
    name: row.name,
    environment: row.environment as Environment,
    replicas: maxReplicas,
    autoscaler: maxReplicas > min ? { min, max: maxReplicas, cpuPercent: CPU_PERCENT } : null,
    resources: resourcesOf(stored.scaling.resources, stored.placement.nodeSelector),
    labels: {},
    nodeLabels: stored.placement.nodeSelector,
  };
}

function notesOn(settings: ClusterSettings, format: KubernetesFormat): string[] {
  const { secretName, namespace, store, gatewayUrl } = settings;
  const keys = store ? "NODE_TOKEN, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY" : "NODE_TOKEN";
  const needs = {
    modelyard: null,
    kserve:
      "Needs KServe 0.16 or newer, which runs the pods; requests go through Modelyard as before.",
    "argo-rollout": "Needs Argo Rollouts 1.7 or newer.",
  }[format];
  return [
    `Needs Kubernetes 1.30 or newer, and the Secret ${secretName} with ${keys} in the namespace ${namespace}.`,
    needs,
    isLoopback(gatewayUrl)
      ? `Pods cannot register at ${gatewayUrl}: set MODELYARD_URL to an address they reach.`
      : null,
    store
      ? null
      : "This installation keeps artifacts in files, which pods cannot read: set S3_BUCKET.",
  ].filter((line) => line !== null);
}

const isLoopback = (url: string): boolean =>
  /^(localhost|127\.|\[::1\])/.test(URL.canParse(url) ? new URL(url).hostname : "");
