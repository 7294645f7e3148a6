import { z } from "zod";
import type { ScaledRef } from "../../scaling/backend";
import { DEPLOYMENT_LABEL, FIELD_MANAGER, INSTALLATION_LABEL, WORKSPACE_LABEL } from "../constants";
import type { ClusterSettings } from "../manifests/workload";
import type { ClusterApi } from "./cluster-api";
import { ClusterFailure } from "./cluster-failure";
import { listPath, MADE_KINDS, type ObjectKind } from "./object-paths";

/** What is read of an object whatever its kind; the rest stays as it came. */
const clusterObject = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    uid: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    generation: z.number().optional(),
    deletionTimestamp: z.string().optional(),
    managedFields: z
      .array(
        z.looseObject({
          manager: z.string().optional(),
          operation: z.string().optional(),
          subresource: z.string().optional(),
          fieldsV1: z.record(z.string(), z.unknown()).optional(),
        }),
      )
      .optional(),
  }),
});
export type ClusterObject = z.output<typeof clusterObject>;

const objectList = z.looseObject({ items: z.array(clusterObject).nullish() });

export const parseObject = (reply: unknown): ClusterObject => clusterObject.parse(reply);

/** Objects of a kind in a namespace; none where the cluster does not know the kind. */
export async function listObjects(
  api: ClusterApi,
  kind: ObjectKind,
  namespace: string,
  labelSelector?: string,
): Promise<ClusterObject[]> {
  try {
    const path = listPath(kind, namespace);
    const reply = await api.call({
      method: "GET",
      path,
      ...(labelSelector !== undefined && { query: { labelSelector } }),
    });
    return objectList.parse(reply).items ?? [];
  } catch (error) {
    const { status } = error instanceof ClusterFailure ? error : { status: undefined };
    // Kinds of operators that may not be there, or that nobody gave us rights to.
    if (kind === "PodMonitor" && (status === 404 || status === 403)) return [];
    throw error;
  }
}

export const selectorOf = ({ workspaceId, deploymentId }: ScaledRef): string =>
  `${WORKSPACE_LABEL}=${workspaceId},${DEPLOYMENT_LABEL}=${deploymentId},app.kubernetes.io/managed-by=${FIELD_MANAGER}`;

/**
 * The deployments of this installation that have objects in its namespace. A service account is what
 * is made first and removed last.
 */
export async function ownersIn(
  api: ClusterApi,
  { namespace, installation }: Pick<ClusterSettings, "namespace" | "installation">,
): Promise<ScaledRef[]> {
  const ours = `app.kubernetes.io/managed-by=${FIELD_MANAGER},${INSTALLATION_LABEL}=${installation}`;
  const accounts = await listObjects(api, "ServiceAccount", namespace, ours);
  return accounts.flatMap(({ metadata: { labels = {} } }) => {
    const { [WORKSPACE_LABEL]: workspaceId, [DEPLOYMENT_LABEL]: deploymentId } = labels;
    return workspaceId && deploymentId ? [{ workspaceId, deploymentId }] : [];
  });
}

export interface OwnedObject {
  kind: ObjectKind;
  object: ClusterObject;
}

/** Everything that was made for a deployment. */
export async function ownedObjects(
  api: ClusterApi,
  namespace: string,
  ref: ScaledRef,
): Promise<OwnedObject[]> {
  const lists = await Promise.all(
    MADE_KINDS.map(async (kind) =>
      (await listObjects(api, kind, namespace, selectorOf(ref))).map((object) => ({
        kind,
        object,
      })),
    ),
  );
  return lists.flat();
}

/** Deletes one object, the very one that was seen; done as well when it is gone. */
export async function deleteObject(
  api: ClusterApi,
  namespace: string,
  { kind, object }: OwnedObject,
): Promise<void> {
  const { name, uid } = object.metadata;
  try {
    await api.call({
      method: "DELETE",
      path: `${listPath(kind, namespace)}/${encodeURIComponent(name)}`,
      body: {
        apiVersion: "v1",
        kind: "DeleteOptions",
        propagationPolicy: "Background",
        ...(uid && { preconditions: { uid } }),
      },
    });
  } catch (error) {
    const { status } = error instanceof ClusterFailure ? error : { status: undefined };
    // 409: another one of this name has taken its place.
    if (status !== 404 && status !== 409) throw error;
  }
}
