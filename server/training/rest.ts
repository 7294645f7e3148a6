import { defineRoute } from "@/server/protocols/rest/contract";
import { experimentLogsPage, experimentLogsQuery, experimentRef } from "./experiment-logs/schemas";
import { serveExperimentLogEvents } from "./experiment-logs/serve-experiment-logs";
import {
  cancelJob,
  getEnvironment,
  getJob,
  listAlgorithms,
  listJobs,
  readExperimentLogs,
  startTraining,
} from "./index";
import {
  algorithmsDto,
  environmentDto,
  jobDto,
  jobPage,
  jobRef,
  listJobsInput,
  logsQuery,
  modelRef,
  startedTraining,
  startTrainingBody,
} from "./schemas";
import { serveLogEvents, serveLogText } from "./serve-logs";

const tag = "Training";

export const trainingRoutes = [
  defineRoute({
    method: "post",
    path: "/models/{model}/train",
    operationId: "startTraining",
    summary: "Train a new version of a model",
    description: "Answers at once; the job waits for a training slot, highest priority first.",
    tag,
    permission: "training:write",
    params: modelRef,
    body: startTrainingBody,
    status: 202,
    reply: startedTraining,
    handler: ({ ctx, params, body }) => startTraining(ctx, { ...body, ...params }),
  }),
  defineRoute({
    method: "get",
    path: "/training-jobs",
    operationId: "listTrainingJobs",
    summary: "List training jobs",
    tag,
    permission: "training:read",
    query: listJobsInput,
    status: 200,
    reply: jobPage,
    handler: ({ ctx, query }) => listJobs(ctx, query),
  }),
  defineRoute({
    method: "get",
    path: "/training-jobs/{job}",
    operationId: "getTrainingJob",
    summary: "Read a training job",
    tag,
    permission: "training:read",
    params: jobRef,
    status: 200,
    reply: jobDto,
    handler: ({ ctx, params }) => getJob(ctx, params),
  }),
  defineRoute({
    method: "get",
    path: "/training-jobs/{job}/logs",
    operationId: "getTrainingJobLogs",
    summary: "Read or follow a job's output",
    description:
      "Text; with `follow=1` server-sent events whose `id` is a byte offset: reconnect with Last-Event-ID. An `end` event follows the last piece of a finished job.",
    tag,
    permission: "training:read",
    params: jobRef,
    query: logsQuery,
    status: 200,
    replyContentType: "text/plain",
    handler: ({ ctx, params, query, http }) => {
      const input = { job: params.job, offset: query.offset };
      if (query.follow !== "1" && query.follow !== "true") return serveLogText(ctx, input);
      const lastEventId = http.req.header("last-event-id") ?? null;
      return serveLogEvents(ctx, { ...input, lastEventId, signal: http.req.raw.signal });
    },
  }),
  defineRoute({
    method: "get",
    path: "/experiments/{experiment}/logs",
    operationId: "getExperimentLogs",
    summary: "Read or follow the output of an experiment's training jobs",
    description:
      "Pieces of all jobs by the time they were written, two seconds late; with `follow=1` server-sent events whose `id` is a cursor: reconnect with Last-Event-ID. An `end` event follows when every job is over.",
    tag,
    permission: "training:read",
    params: experimentRef,
    query: experimentLogsQuery,
    status: 200,
    reply: experimentLogsPage,
    handler: ({ ctx, params, query: { follow, limit, ...query }, http }) => {
      if (follow !== "1" && follow !== "true") {
        return readExperimentLogs(ctx, { ...params, ...query, limit });
      }
      const cursor = http.req.header("last-event-id") ?? query.cursor;
      return serveExperimentLogEvents(ctx, { ...params, cursor, signal: http.req.raw.signal });
    },
  }),
  defineRoute({
    method: "post",
    path: "/training-jobs/{job}/cancel",
    operationId: "cancelTrainingJob",
    summary: "Cancel a training job",
    description: "Asking twice is harmless; a completed or failed job answers 409.",
    tag,
    permission: "training:write",
    params: jobRef,
    status: 200,
    reply: jobDto,
    handler: ({ ctx, params }) => cancelJob(ctx, params),
  }),
  defineRoute({
    method: "get",
    path: "/training-algorithms",
    operationId: "listTrainingAlgorithms",
    summary: "List algorithms and their hyperparameters",
    tag,
    permission: "training:read",
    status: 200,
    reply: algorithmsDto,
    handler: ({ ctx }) => listAlgorithms(ctx),
  }),
  defineRoute({
    method: "get",
    path: "/training-environment",
    operationId: "getTrainingEnvironment",
    summary: "Whether trainers can start",
    tag,
    permission: "training:read",
    status: 200,
    reply: environmentDto,
    handler: ({ ctx }) => getEnvironment(ctx),
  }),
];
