import type { CountNames } from "../logs/count-book";
import type { RoutingTable } from "./routing-table";

/** A version that left its deployment before anybody asked for its number. */
const LEFT = "left";

/**
 * What metrics call deployments and their versions. Names are for scrapers that are known: where
 * anybody may read, `named` is false and ids stand in their place, which are no secret.
 */
export const routeNames = (table: Pick<RoutingTable, "routes">, named: boolean): CountNames => ({
  deployments: () => new Set(table.routes().map(({ deploymentId }) => deploymentId)),
  of: (deploymentId, versionId) => {
    const route = table.routes().find((one) => one.deploymentId === deploymentId);
    if (!route) return undefined;
    const model = named ? route.name : deploymentId;
    if (versionId === null) return { model, version: "none" };
    const variants = [...route.variants, ...route.shadows];
    const variant = variants.find((one) => one.model.versionId === versionId);
    return { model, version: variant ? String(variant.versionNumber) : LEFT };
  },
});
