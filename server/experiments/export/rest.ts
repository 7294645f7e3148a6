import { Readable } from "node:stream";
import { defineRoute } from "@/server/protocols/rest/contract";
import { exportRuns } from "./export-runs";
import { exportRunsInput } from "./schemas";

const TYPES = {
  csv: "text/csv; charset=utf-8",
  parquet: "application/vnd.apache.parquet",
} as const;
/** A slow reader of a million runs is given this long, milliseconds. */
const DEADLINE_MS = 10 * 60_000;

export const exportRoutes = [
  defineRoute({
    method: "get",
    path: "/runs/export",
    operationId: "exportRuns",
    summary: "All runs a filter lets through, as CSV or Parquet",
    description:
      "Last values of metrics, parameters and tags; the 1,000 names most runs have of each.",
    tag: "Experiments",
    permission: "experiments:read",
    query: exportRunsInput,
    deadlineMs: DEADLINE_MS,
    status: 200,
    replyContentType: "text/csv",
    handler: async ({ ctx, query }) => {
      const pieces = await exportRuns(ctx, query);
      const stream = Readable.toWeb(Readable.from(pieces, { objectMode: false }));
      // Node's web stream is a body; fetch types know the browser's class only.
      return new Response(stream as unknown as BodyInit, {
        headers: {
          "content-type": TYPES[query.format],
          "content-disposition": `attachment; filename="runs.${query.format}"`,
        },
      });
    },
  }),
];
