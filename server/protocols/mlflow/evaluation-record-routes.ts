import {
  deleteEvaluationRecords,
  listEvaluationRecords,
  upsertEvaluationRecords,
} from "@/server/experiments";
import { defineMlflowRoute } from "./contract";
import { invalidParameter } from "./errors";
import { jsonIn, toWireRecord } from "./evaluation-wire";
import { int64, list, required, str } from "./fields";
import { pageLimit } from "./registry-paging";

const datasetId = { dataset_id: required(str) };
const path = "/datasets/:dataset_id/records";
const version = "3.0";

/** A page holds a thousand records; the token leads on. */
const PAGE = { usual: 1000, most: 1_000_000, held: 1000 };

const listOf = (text: string): never[] => {
  const records = jsonIn(text, "records");
  if (Array.isArray(records)) return records as never[];
  throw invalidParameter("Invalid value for parameter 'records' supplied: it is no list.");
};

export const evaluationRecordRoutes = [
  defineMlflowRoute({
    version,
    methods: ["POST"],
    path,
    permission: "experiments:write",
    bodyLimitBytes: 32 * 1024 * 1024,
    fields: { ...datasetId, records: required(str) },
    handler: async ({ ctx, body }) => {
      const { inserted, updated } = await upsertEvaluationRecords(ctx, {
        dataset: body.dataset_id,
        records: listOf(body.records),
      });
      return { inserted_count: inserted, updated_count: updated };
    },
  }),
  defineMlflowRoute({
    version,
    methods: ["GET"],
    path,
    permission: "experiments:read",
    fields: { ...datasetId, max_results: int64, page_token: str },
    handler: async ({ ctx, body }) => {
      const page = await listEvaluationRecords(ctx, {
        dataset: body.dataset_id,
        limit: pageLimit(body.max_results || undefined, PAGE),
        cursor: body.page_token || undefined,
      });
      return {
        // Clients take the records as text.
        records: JSON.stringify(page.items.map(toWireRecord)),
        ...(page.nextCursor ? { next_page_token: page.nextCursor } : {}),
      };
    },
  }),
  defineMlflowRoute({
    version,
    methods: ["DELETE"],
    path,
    permission: "experiments:write",
    fields: { ...datasetId, dataset_record_ids: list(str) },
    handler: async ({ ctx, body }) => ({
      deleted_count: await deleteEvaluationRecords(ctx, {
        dataset: body.dataset_id,
        records: body.dataset_record_ids,
      }),
    }),
  }),
];
