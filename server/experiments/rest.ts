import { z } from "zod";
import { defineRoute } from "@/server/protocols/rest/contract";
import { bulkRunRoutes } from "./bulk/rest";
import { exportRoutes } from "./export/rest";
import {
  createExperiment,
  deleteExperiment,
  getExperiment,
  listExperiments,
  listRuns,
  restoreExperiment,
  updateExperiment,
} from "./index";
import { runRoutes } from "./rest-runs";
import {
  createExperimentInput,
  experimentDto,
  experimentPage,
  experimentRef,
  listExperimentsInput,
  listRunsInput,
  runPage,
  updateExperimentInput,
} from "./schemas";
import { searchRoutes } from "./search/rest";
import { viewRoutes } from "./views/rest";

const tag = "Experiments";
const params = z.object({ experiment: experimentRef.describe("Id, number or name.") });

export const experimentsRoutes = [
  defineRoute({
    method: "get",
    path: "/experiments",
    operationId: "listExperiments",
    summary: "List experiments",
    tag,
    permission: "experiments:read",
    query: listExperimentsInput,
    status: 200,
    reply: experimentPage,
    handler: ({ ctx, query }) => listExperiments(ctx, query),
  }),
  defineRoute({
    method: "post",
    path: "/experiments",
    operationId: "createExperiment",
    summary: "Make an experiment",
    tag,
    permission: "experiments:write",
    body: createExperimentInput,
    status: 201,
    reply: experimentDto,
    handler: ({ ctx, body }) => createExperiment(ctx, body),
  }),
  defineRoute({
    method: "get",
    path: "/experiments/{experiment}",
    operationId: "getExperiment",
    summary: "One experiment",
    tag,
    permission: "experiments:read",
    params,
    status: 200,
    reply: experimentDto,
    handler: ({ ctx, params: { experiment } }) => getExperiment(ctx, { experiment }),
  }),
  defineRoute({
    method: "patch",
    path: "/experiments/{experiment}",
    operationId: "updateExperiment",
    summary: "Rename or describe an experiment",
    tag,
    permission: "experiments:write",
    params,
    body: updateExperimentInput,
    status: 200,
    reply: experimentDto,
    handler: ({ ctx, params: { experiment }, body }) =>
      updateExperiment(ctx, { experiment, changes: body }),
  }),
  defineRoute({
    method: "delete",
    path: "/experiments/{experiment}",
    operationId: "deleteExperiment",
    summary: "Hide an experiment and its runs; its name stays taken",
    tag,
    permission: "experiments:write",
    params,
    status: 204,
    handler: ({ ctx, params: { experiment } }) => deleteExperiment(ctx, { experiment }),
  }),
  defineRoute({
    method: "post",
    path: "/experiments/{experiment}/restore",
    operationId: "restoreExperiment",
    summary: "Bring back a deleted experiment with the runs that went with it",
    tag,
    permission: "experiments:write",
    params,
    status: 204,
    handler: ({ ctx, params: { experiment } }) => restoreExperiment(ctx, { experiment }),
  }),
  defineRoute({
    method: "get",
    path: "/experiments/{experiment}/runs",
    operationId: "listExperimentRuns",
    summary: "Runs of an experiment",
    tag,
    permission: "experiments:read",
    params,
    query: listRunsInput.omit({ experiment: true }),
    status: 200,
    reply: runPage,
    handler: ({ ctx, params: { experiment }, query }) => listRuns(ctx, { ...query, experiment }),
  }),
  ...exportRoutes,
  ...bulkRunRoutes,
  ...viewRoutes,
  ...searchRoutes,
  ...runRoutes,
];
