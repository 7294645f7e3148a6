import { Readable } from "node:stream";
import { defineRoute } from "@/server/protocols/rest/contract";
import type { UnreadDay } from "../archives/unread-days";
import { predictDeploymentParams } from "../schemas";
import { exportPredictions } from "./export-predictions";
import { getPrediction } from "./get-prediction";
import { listPredictions } from "./list-predictions";
import {
  deploymentPredictionsQuery,
  exportPredictionsInput,
  getPredictionInput,
  listPredictionsInput,
  logPage,
  predictionLogDto,
} from "./schemas";

const tag = "Predictions";
const TYPES = {
  csv: "text/csv; charset=utf-8",
  parquet: "application/vnd.apache.parquet",
} as const;
/** A slow reader of a long log is given this long, milliseconds. */
const EXPORT_DEADLINE_MS = 10 * 60_000;

/** Names the days an export had to leave out. */
const UNREAD_HEADER = "x-modelyard-unread";
/** Days that a header has room for. */
const UNREAD_MAX = 100;

const nameOf = (unread: readonly UnreadDay[]): string =>
  unread.length > 0 ? "predictions-incomplete" : "predictions";

function unreadText(unread: readonly UnreadDay[]): string {
  const days = unread.slice(0, UNREAD_MAX).map(({ day, reason }) => `${day}=${reason}`);
  const more = unread.length - days.length;
  return [...days, ...(more > 0 ? [`and ${more} more`] : [])].join(", ");
}

export const explorerRoutes = [
  defineRoute({
    method: "get",
    path: "/deployments/{deployment}/predictions",
    operationId: "listPredictions",
    summary: "The prediction log of a deployment",
    tag,
    permission: "predictions:read",
    params: predictDeploymentParams,
    query: deploymentPredictionsQuery,
    status: 200,
    reply: logPage,
    handler: ({ ctx, params, query }) => listPredictions(ctx, { ...query, ...params }),
  }),
  defineRoute({
    method: "get",
    path: "/predictions",
    operationId: "listAllPredictions",
    summary: "The prediction log of the workspace",
    tag,
    permission: "predictions:read",
    query: listPredictionsInput,
    status: 200,
    reply: logPage,
    handler: ({ ctx, query }) => listPredictions(ctx, query),
  }),
  defineRoute({
    method: "get",
    path: "/predictions/export",
    operationId: "exportPredictions",
    summary: "The log rows a filter lets through, as CSV or Parquet",
    description:
      "Days in archives that cannot be read are left out: the file is then named predictions-incomplete, and x-modelyard-unread lists them as `day=reason`.",
    tag,
    permission: "predictions:read",
    query: exportPredictionsInput,
    deadlineMs: EXPORT_DEADLINE_MS,
    status: 200,
    replyContentType: "text/csv",
    handler: async ({ ctx, query }) => {
      const { pieces, unread } = await exportPredictions(ctx, query);
      const stream = Readable.toWeb(Readable.from(pieces, { objectMode: false }));
      // Node's web stream is a body; fetch types know the browser's class only.
      return new Response(stream as unknown as BodyInit, {
        headers: {
          "content-type": TYPES[query.format],
          "content-disposition": `attachment; filename="${nameOf(unread)}.${query.format}"`,
          ...(unread.length > 0 ? { [UNREAD_HEADER]: unreadText(unread) } : {}),
        },
      });
    },
  }),
  defineRoute({
    method: "get",
    path: "/predictions/{requestId}",
    operationId: "getPrediction",
    summary: "One logged request, with all its rows",
    tag,
    permission: "predictions:read",
    params: getPredictionInput,
    status: 200,
    reply: predictionLogDto,
    handler: ({ ctx, params }) => getPrediction(ctx, params),
  }),
];
