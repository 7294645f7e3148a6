import { z } from "zod";
import { serveObject } from "@/server/artifacts";
import { defineRoute } from "@/server/protocols/rest/contract";
import { LIMITS } from "./constants";
import {
  createRun,
  deleteRun,
  getRun,
  listMetricPoints,
  listRunArtifacts,
  listRuns,
  metricHistory,
  openRunArtifact,
  restoreRun,
  updateRun,
} from "./index";
import {
  artifactListDto,
  createRunInput,
  listRunsInput,
  metricHistoryDto,
  metricPointPage,
  runDetailDto,
  runDto,
  runPage,
  updateRunInput,
} from "./schemas";

const tag = "Experiments";
const params = z.object({ run: z.string().min(1).max(256).describe("Id of the run.") });

const historyQuery = z.object({
  keys: z.string().min(1).max(30_000).describe("Names of metrics, separated by commas."),
  maxPoints: z.coerce.number().int().min(10).max(LIMITS.historyPage).optional(),
  from: z.coerce.number().int().optional().describe("First step or time wanted."),
  to: z.coerce.number().int().optional().describe("Last step or time wanted."),
  axis: z
    .enum(["step", "time"])
    .default("step")
    .describe("What `from` and `to` are: steps, or milliseconds since the epoch."),
});

type HistoryQuery = z.infer<typeof historyQuery>;

/** The window of a query; an end that is left open reaches as far as numbers do. */
function windowOf({ axis, from, to }: HistoryQuery) {
  if (from === undefined && to === undefined) return undefined;
  return {
    axis,
    from: from ?? Number.MIN_SAFE_INTEGER,
    to: to ?? Number.MAX_SAFE_INTEGER,
  };
}

const pointsQuery = z.object({
  key: z.string().min(1).max(LIMITS.key).describe("Name of the metric."),
  limit: z.coerce.number().int().min(1).max(LIMITS.historyPage).default(1000),
  cursor: z.string().max(500).optional(),
});

export const runRoutes = [
  defineRoute({
    method: "get",
    path: "/runs",
    operationId: "listRuns",
    summary: "Runs of every experiment",
    tag,
    permission: "experiments:read",
    query: listRunsInput,
    status: 200,
    reply: runPage,
    handler: ({ ctx, query }) => listRuns(ctx, query),
  }),
  defineRoute({
    method: "post",
    path: "/runs",
    operationId: "createRun",
    summary: "Start a run; log to it with any MLflow client",
    tag,
    permission: "experiments:write",
    body: createRunInput,
    status: 201,
    reply: runDto,
    handler: ({ ctx, body }) => createRun(ctx, body),
  }),
  defineRoute({
    method: "get",
    path: "/runs/{run}",
    operationId: "getRun",
    summary: "One run with parameters, tags, newest metrics and inputs",
    tag,
    permission: "experiments:read",
    params,
    status: 200,
    reply: runDetailDto,
    handler: ({ ctx, params: { run } }) => getRun(ctx, { runId: run }),
  }),
  defineRoute({
    method: "patch",
    path: "/runs/{run}",
    operationId: "updateRun",
    summary: "Rename or end a run",
    tag,
    permission: "experiments:write",
    params,
    body: updateRunInput,
    status: 200,
    reply: runDto,
    handler: ({ ctx, params: { run }, body }) => updateRun(ctx, { runId: run, changes: body }),
  }),
  defineRoute({
    method: "delete",
    path: "/runs/{run}",
    operationId: "deleteRun",
    summary: "Hide a run",
    tag,
    permission: "experiments:write",
    params,
    status: 204,
    handler: ({ ctx, params: { run } }) => deleteRun(ctx, { runId: run }),
  }),
  defineRoute({
    method: "post",
    path: "/runs/{run}/restore",
    operationId: "restoreRun",
    summary: "Bring back a deleted run",
    tag,
    permission: "experiments:write",
    params,
    status: 204,
    handler: ({ ctx, params: { run } }) => restoreRun(ctx, { runId: run }),
  }),
  defineRoute({
    method: "get",
    path: "/runs/{run}/metrics",
    operationId: "getMetricHistory",
    summary: "Series of metrics, sampled when they are long",
    tag,
    permission: "experiments:read",
    params,
    query: historyQuery,
    status: 200,
    reply: metricHistoryDto,
    handler: ({ ctx, params: { run }, query }) =>
      metricHistory(ctx, {
        runId: run,
        keys: query.keys.split(",").filter((key) => key !== ""),
        maxPoints: query.maxPoints,
        window: windowOf(query),
      }),
  }),
  defineRoute({
    method: "get",
    path: "/runs/{run}/metric-points",
    operationId: "listMetricPoints",
    summary: "Every point of one metric by time, step and value",
    tag,
    permission: "experiments:read",
    params,
    query: pointsQuery,
    status: 200,
    reply: metricPointPage,
    handler: ({ ctx, params: { run }, query }) => listMetricPoints(ctx, { runId: run, ...query }),
  }),
  defineRoute({
    method: "get",
    path: "/runs/{run}/artifacts",
    operationId: "listRunArtifacts",
    summary: "Files and folders of a run, one level",
    tag,
    permission: "experiments:read",
    params,
    query: z.object({ path: z.string().max(1000).optional().describe("A folder.") }),
    status: 200,
    reply: artifactListDto,
    handler: ({ ctx, params: { run }, query: { path } }) =>
      listRunArtifacts(ctx, { owner: { kind: "run", id: run }, path }),
  }),
  defineRoute({
    method: "get",
    path: "/runs/{run}/artifacts/{path+}",
    operationId: "downloadRunArtifact",
    summary: "Download a file of a run, whole or one range",
    tag,
    permission: "experiments:read",
    params: params.extend({ path: z.string().max(1000).describe("May hold slashes.") }),
    status: 200,
    replyContentType: "application/octet-stream",
    handler: async ({ ctx, params: { run, path }, http }) => {
      const file = await openRunArtifact(ctx, { owner: { kind: "run", id: run }, path });
      return serveObject(ctx, http.req.raw, file, {
        fileName: file.path,
        contentType: "application/octet-stream",
      });
    },
  }),
];
