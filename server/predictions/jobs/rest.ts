import { datasetDto } from "@/server/datasets/schemas";
import { defineRoute } from "@/server/protocols/rest/contract";
import { predictDeploymentParams } from "../schemas";
import { cancelBatchJob } from "./cancel-job";
import { createBatchJob } from "./create-job";
import { deleteBatchJob } from "./delete-job";
import { downloadBatchResult } from "./download-result";
import { getBatchJob, previewBatchResult } from "./get-job";
import { listBatchErrors } from "./list-errors";
import { listBatchJobs } from "./list-jobs";
import { resumeBatchJob } from "./resume-job";
import { saveBatchResult } from "./save-result";
import {
  batchErrorPage,
  batchErrorsQuery,
  batchJobBody,
  batchJobDto,
  batchJobPage,
  batchJobRef,
  batchPreview,
  batchResultQuery,
  listBatchJobsInput,
  saveResultBody,
  versionParams,
} from "./schemas";

const tag = "Batch jobs";
/** A slow reader of a large result is given this long, milliseconds. */
const DOWNLOAD_DEADLINE_MS = 30 * 60_000;
/** Profiling a large result takes its time, milliseconds. */
const SAVE_DEADLINE_MS = 10 * 60_000;

const createRoutes = [
  defineRoute({
    method: "post",
    path: "/deployments/{deployment}/batch-jobs",
    operationId: "createBatchJob",
    summary: "Predict every row of a dataset in the background",
    description:
      "With the version that has the largest share of the deployment now; it stays the job's version.",
    tag,
    permission: "predictions:create",
    params: predictDeploymentParams,
    body: batchJobBody,
    status: 202,
    reply: batchJobDto,
    handler: ({ ctx, params, body }) => createBatchJob(ctx, { ...body, ...params }),
  }),
  defineRoute({
    method: "post",
    path: "/models/{model}/versions/{version}/batch-jobs",
    operationId: "createBatchJobForVersion",
    summary: "Predict every row of a dataset with one version",
    description: "The version need not be deployed.",
    tag,
    permission: "predictions:create",
    params: versionParams,
    body: batchJobBody,
    status: 202,
    reply: batchJobDto,
    handler: ({ ctx, params, body }) => createBatchJob(ctx, { ...body, ...params }),
  }),
];

const readRoutes = [
  defineRoute({
    method: "get",
    path: "/batch-jobs",
    operationId: "listBatchJobs",
    summary: "List batch jobs",
    tag,
    permission: "predictions:read",
    query: listBatchJobsInput,
    status: 200,
    reply: batchJobPage,
    handler: ({ ctx, query }) => listBatchJobs(ctx, query),
  }),
  defineRoute({
    method: "get",
    path: "/batch-jobs/{batchJob}",
    operationId: "getBatchJob",
    summary: "A batch job as it stands at its last checkpoint",
    tag,
    permission: "predictions:read",
    params: batchJobRef,
    status: 200,
    reply: batchJobDto,
    handler: ({ ctx, params }) => getBatchJob(ctx, params),
  }),
  defineRoute({
    method: "get",
    path: "/batch-jobs/{batchJob}/errors",
    operationId: "listBatchErrors",
    summary: "Rows that got no answer, and why",
    description: "By number of the row, from 1; the first 10,000 are kept.",
    tag,
    permission: "predictions:read",
    params: batchJobRef,
    query: batchErrorsQuery,
    status: 200,
    reply: batchErrorPage,
    handler: ({ ctx, params, query }) => listBatchErrors(ctx, { ...params, ...query }),
  }),
  defineRoute({
    method: "get",
    path: "/batch-jobs/{batchJob}/preview",
    operationId: "previewBatchResult",
    summary: "First rows of a result",
    tag,
    permission: "predictions:read",
    params: batchJobRef,
    status: 200,
    reply: batchPreview,
    handler: ({ ctx, params }) => previewBatchResult(ctx, params),
  }),
  defineRoute({
    method: "get",
    path: "/batch-jobs/{batchJob}/result",
    operationId: "downloadBatchResult",
    summary: "Download the result",
    description:
      "Parquet, whole or one range, or CSV. The number of the row, the columns asked for, `prediction`, for classes `confidence` and `probability_<class>`, `model_version`, and `error`, the reason why a row has no answer; one row for each row of the dataset, in its order.",
    tag,
    permission: "predictions:read",
    params: batchJobRef,
    query: batchResultQuery,
    deadlineMs: DOWNLOAD_DEADLINE_MS,
    status: 200,
    replyContentType: "application/octet-stream",
    handler: ({ ctx, params, query, http }) =>
      downloadBatchResult(ctx, { ...params, ...query, request: http.req.raw }),
  }),
];

const changeRoutes = [
  defineRoute({
    method: "post",
    path: "/batch-jobs/{batchJob}/cancel",
    operationId: "cancelBatchJob",
    summary: "Cancel a batch job",
    description: "Asking twice is harmless; a completed or failed job answers 409.",
    tag,
    permission: "predictions:create",
    params: batchJobRef,
    status: 200,
    reply: batchJobDto,
    handler: ({ ctx, params }) => cancelBatchJob(ctx, params),
  }),
  defineRoute({
    method: "post",
    path: "/batch-jobs/{batchJob}/resume",
    operationId: "resumeBatchJob",
    summary: "Resume a failed or cancelled batch job behind its last checkpoint",
    tag,
    permission: "predictions:create",
    params: batchJobRef,
    status: 202,
    reply: batchJobDto,
    handler: ({ ctx, params }) => resumeBatchJob(ctx, params),
  }),
  defineRoute({
    method: "post",
    path: "/batch-jobs/{batchJob}/save-dataset",
    operationId: "saveBatchResult",
    summary: "Save a result as a dataset",
    description: "A name that exists gets its next version.",
    tag,
    permission: "datasets:write",
    params: batchJobRef,
    body: saveResultBody,
    deadlineMs: SAVE_DEADLINE_MS,
    status: 201,
    reply: datasetDto,
    handler: ({ ctx, params, body }) => saveBatchResult(ctx, { ...body, ...params }),
  }),
  defineRoute({
    method: "delete",
    path: "/batch-jobs/{batchJob}",
    operationId: "deleteBatchJob",
    summary: "Delete a batch job that is over, with its result",
    tag,
    permission: "predictions:create",
    params: batchJobRef,
    status: 204,
    handler: ({ ctx, params }) => deleteBatchJob(ctx, params),
  }),
];

export const batchJobRoutes = [...createRoutes, ...readRoutes, ...changeRoutes];
