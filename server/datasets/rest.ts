import { z } from "zod";
import { env } from "@/env";
import { pageOf } from "@/server/kernel/paging";
import { defineRoute } from "@/server/protocols/rest/contract";
import {
  createDataset,
  deleteDataset,
  downloadDataset,
  getDataset,
  listDatasets,
  listDatasetVersions,
  previewDataset,
} from "./index";
import { receiveUpload } from "./receive-upload";
import {
  datasetDto,
  datasetPreview,
  datasetRef,
  datasetSummary,
  listDatasetsInput,
  previewDatasetInput,
  uploadDatasetInput,
} from "./schemas";

const tag = "Datasets";

export const datasetsRoutes = [
  defineRoute({
    method: "get",
    path: "/datasets",
    operationId: "listDatasets",
    summary: "List datasets",
    tag,
    permission: "datasets:read",
    query: listDatasetsInput,
    status: 200,
    reply: pageOf(datasetSummary),
    handler: ({ ctx, query }) => listDatasets(ctx, query),
  }),
  defineRoute({
    method: "post",
    path: "/datasets",
    operationId: "uploadDataset",
    summary: "Upload a dataset",
    description:
      "A CSV (UTF-8, header row; comma, semicolon, tab or bar) or Parquet file. The same name makes the next version. The content of the newest version sent again answers 200 with that version and changes nothing.",
    tag,
    permission: "datasets:write",
    streamBody: {
      contentType: "multipart/form-data",
      schema: uploadDatasetInput.extend({ file: z.file().describe("CSV or Parquet.") }),
    },
    status: 201,
    reply: datasetDto,
    handler: async ({ ctx, http, incoming }) => {
      const { DATASET_MAX_BYTES: limitBytes } = env();
      const { fields, file } = await receiveUpload(incoming, incoming.headers, limitBytes);
      try {
        const input = fields as z.input<typeof uploadDatasetInput>;
        const { dataset, created } = await createDataset(ctx, input, file);
        return http.json(datasetDto.parse(dataset), created ? 201 : 200);
      } finally {
        await file.discard();
      }
    },
  }),
  defineRoute({
    method: "get",
    path: "/datasets/{dataset}",
    operationId: "getDataset",
    summary: "A dataset with its columns and their profile",
    tag,
    permission: "datasets:read",
    params: datasetRef,
    status: 200,
    reply: datasetDto,
    handler: ({ ctx, params }) => getDataset(ctx, params),
  }),
  defineRoute({
    method: "get",
    path: "/datasets/{dataset}/versions",
    operationId: "listDatasetVersions",
    summary: "Every version of a dataset, newest first",
    tag,
    permission: "datasets:read",
    params: datasetRef,
    status: 200,
    reply: z.object({ items: z.array(datasetSummary), nextCursor: z.null() }),
    handler: async ({ ctx, params }) => ({
      items: await listDatasetVersions(ctx, params),
      nextCursor: null,
    }),
  }),
  defineRoute({
    method: "get",
    path: "/datasets/{dataset}/preview",
    operationId: "previewDataset",
    summary: "First rows",
    tag,
    permission: "datasets:read",
    params: datasetRef,
    query: previewDatasetInput.omit({ dataset: true }),
    status: 200,
    reply: datasetPreview,
    handler: ({ ctx, params, query }) => previewDataset(ctx, { ...params, ...query }),
  }),
  defineRoute({
    method: "get",
    path: "/datasets/{dataset}/content",
    operationId: "downloadDataset",
    summary: "Download the file, whole or one range",
    tag,
    permission: "datasets:read",
    params: datasetRef,
    status: 200,
    replyContentType: "application/octet-stream",
    handler: ({ ctx, params, http }) => downloadDataset(ctx, { ...params, request: http.req.raw }),
  }),
  defineRoute({
    method: "delete",
    path: "/datasets/{dataset}",
    operationId: "deleteDataset",
    summary: "Delete one version, by id",
    description: "Refused with 409 while a queued or running training job uses it.",
    tag,
    permission: "datasets:write",
    params: datasetRef,
    status: 204,
    handler: ({ ctx, params }) => deleteDataset(ctx, params),
  }),
];
