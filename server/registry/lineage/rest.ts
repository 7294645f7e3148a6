import { defineRoute } from "@/server/protocols/rest/contract";
import { modelRef, versionRef } from "../schemas";
import {
  datasetLineageGraph,
  datasetLineageReach,
  datasetLineageRef,
  lineageGraph,
  lineageReach,
} from "./schemas";
import { datasetLineage, versionLineage } from "./version-lineage";

const tag = "Lineage";

export const lineageRoutes = [
  defineRoute({
    method: "get",
    path: "/models/{model}/versions/{v}/lineage",
    operationId: "versionLineage",
    summary: "Where a version came from and where it went",
    tag,
    permission: "models:read",
    params: modelRef.extend({ v: versionRef.shape.version }),
    query: lineageReach,
    status: 200,
    reply: lineageGraph,
    handler: ({ ctx, params: { model, v }, query }) =>
      versionLineage(ctx, { model, version: v, ...query }),
  }),
  defineRoute({
    method: "get",
    path: "/datasets/{dataset}/lineage",
    operationId: "datasetLineage",
    summary: "What was made of a dataset: runs, versions, deployments",
    tag,
    permission: "models:read",
    params: datasetLineageRef,
    query: datasetLineageReach,
    status: 200,
    reply: datasetLineageGraph,
    handler: ({ ctx, params, query }) => datasetLineage(ctx, { ...params, ...query }),
  }),
];
