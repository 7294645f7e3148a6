import { AppError } from "@/server/kernel/errors";
import { DEPLOYMENT_LABEL, FIELD_MANAGER, WORKSPACE_LABEL } from "../constants";
import type { Manifest } from "../manifests/manifest";
import type { ClusterApi } from "./cluster-api";
import { ClusterFailure, type FieldConflict } from "./cluster-failure";
import { objectPath } from "./object-paths";
import { type ClusterObject, parseObject } from "./owned-objects";

const APPLY = "application/apply-patch+yaml";

/**
 * Applies one object on the server's side. Fields another manager changed are taken back, which is
 * answered, and only on objects that are this deployment's: a stranger of the same name is left alone
 * and unavailable is thrown. `known` says that the object was just seen to be ours.
 */
export async function applyObject(
  api: ClusterApi,
  manifest: Manifest,
  known: boolean,
): Promise<readonly FieldConflict[]> {
  if (!known) await refuseStranger(api, manifest);
  try {
    await sendApply(api, manifest, FIELD_MANAGER, false);
    return [];
  } catch (error) {
    if (!(error instanceof ClusterFailure) || error.conflicts.length === 0) throw error;
    await sendApply(api, manifest, FIELD_MANAGER, true);
    return error.conflicts;
  }
}

export const sendApply = (
  api: ClusterApi,
  manifest: Manifest,
  fieldManager: string,
  force: boolean,
): Promise<unknown> =>
  api.call({
    method: "PATCH",
    path: objectPath(manifest),
    query: { fieldManager, force: String(force), fieldValidation: "Strict" },
    contentType: APPLY,
    body: manifest,
  });

async function refuseStranger(api: ClusterApi, manifest: Manifest): Promise<void> {
  let found: ClusterObject;
  try {
    found = parseObject(await api.call({ method: "GET", path: objectPath(manifest) }));
  } catch (error) {
    if (error instanceof ClusterFailure && error.status === 404) return;
    throw error;
  }
  const has = found.metadata.labels ?? {};
  const wants = manifest.metadata?.labels ?? {};
  const isOurs = [WORKSPACE_LABEL, DEPLOYMENT_LABEL].every((key) => has[key] === wants[key]);
  if (isOurs) return;
  throw new AppError(
    "unavailable",
    `The namespace has a ${manifest.kind} ${found.metadata.name} that Modelyard did not make: rename or remove it.`,
    { retryAfterSeconds: 60 },
  );
}
