import { z } from "zod";
import { defineRoute } from "@/server/protocols/rest/contract";
import { experimentRef } from "../schemas";
import { metricSummary, stoppedRuns } from "./schemas";
import { stopExperiment } from "./stop-experiment";
import { summarizeMetrics } from "./summarize-metrics";

const tag = "Experiments";
const params = z.object({ experiment: experimentRef.describe("Id, number or name.") });

export const wholeRoutes = [
  defineRoute({
    method: "post",
    path: "/experiments/{experiment}/stop",
    operationId: "stopExperiment",
    summary: "End the runs of an experiment that still run",
    description: "Runs of training jobs are left to their jobs, and named.",
    tag,
    permission: "experiments:write",
    params,
    status: 200,
    reply: stoppedRuns,
    handler: ({ ctx, params: { experiment } }) => stopExperiment(ctx, { experiment }),
  }),
  defineRoute({
    method: "get",
    path: "/experiments/{experiment}/metrics",
    operationId: "summarizeExperimentMetrics",
    summary: "Each metric over all runs, with the run that did best",
    tag,
    permission: "experiments:read",
    params,
    status: 200,
    reply: metricSummary,
    handler: ({ ctx, params: { experiment } }) => summarizeMetrics(ctx, { experiment }),
  }),
];
