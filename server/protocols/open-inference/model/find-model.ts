import { notFound } from "@/server/kernel/errors";
import type { PredictionGateway, Route } from "@/server/predictions";

export interface ModelName {
  name: string;
  /** Undefined where the caller leaves the choice to the deployment. */
  version: string | undefined;
}

/**
 * The deployment that a model of the protocol names, with the version checked. Throws not_found,
 * unavailable while it is being deployed, conflict when it failed.
 */
export async function findModel(
  gateway: PredictionGateway,
  workspaceId: string,
  { name, version }: ModelName,
): Promise<Route> {
  const target = { deployment: name };
  const route = gateway.find(workspaceId, target) ?? (await gateway.locate(workspaceId, target));
  if (version !== undefined && !route.variants.some((one) => isVersion(one, version))) {
    throw notFound("This version of the deployment");
  }
  return route;
}

const isVersion = (variant: { versionNumber: number }, version: string): boolean =>
  String(variant.versionNumber) === version;

/** The variant of a version, the first where none is named. */
export const variantOf = (route: Route, version: string | undefined) =>
  route.variants.find((one) => version !== undefined && isVersion(one, version)) ??
  route.variants[0];
