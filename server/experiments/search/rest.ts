import { z } from "zod";
import { defineRoute } from "@/server/protocols/rest/contract";
import { experimentRef } from "../schemas";
import { compareRuns, groupRuns, listColumns, searchRunTable } from "./index";
import {
  columnsDto,
  compareRunsInput,
  comparisonDto,
  groupRunsInput,
  groupsDto,
  runTableDto,
  searchRunTableInput,
} from "./schemas";

const tag = "Experiments";

export const searchRoutes = [
  defineRoute({
    method: "post",
    path: "/runs/search",
    operationId: "searchRuns",
    summary: "Runs that meet a filter, sorted, with the columns asked for",
    tag,
    permission: "experiments:read",
    body: searchRunTableInput,
    status: 200,
    reply: runTableDto,
    handler: ({ ctx, body }) => searchRunTable(ctx, body),
  }),
  defineRoute({
    method: "post",
    path: "/runs/group",
    operationId: "groupRuns",
    summary: "Runs in groups, with mean, deviation and confidence interval of metrics",
    tag,
    permission: "experiments:read",
    body: groupRunsInput,
    status: 200,
    reply: groupsDto,
    handler: ({ ctx, body }) => groupRuns(ctx, body),
  }),
  defineRoute({
    method: "post",
    path: "/runs/compare",
    operationId: "compareRuns",
    summary: "Parameters, tags and metrics of up to 200 runs side by side",
    tag,
    permission: "experiments:read",
    body: compareRunsInput,
    status: 200,
    reply: comparisonDto,
    handler: ({ ctx, body }) => compareRuns(ctx, body),
  }),
  defineRoute({
    method: "get",
    path: "/experiments/{experiment}/columns",
    operationId: "listColumns",
    summary: "Names of the metrics, parameters and tags of an experiment's runs",
    tag,
    permission: "experiments:read",
    params: z.object({ experiment: experimentRef.describe("Id, number or name.") }),
    status: 200,
    reply: columnsDto,
    handler: ({ ctx, params: { experiment } }) => listColumns(ctx, { experimentIds: [experiment] }),
  }),
];
