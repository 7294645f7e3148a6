import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { pageOf } from "@/server/kernel/paging";
import { defineRoute } from "@/server/protocols/rest/contract";
import { eraseSubject, exportSubject, listErasures } from "./index";
import {
  eraseSubjectInput,
  erasureDto,
  exportSubjectParams,
  exportSubjectQuery,
  listErasuresInput,
} from "./schemas";

const tag = "Privacy";
/** Every row of a workspace may have to be read. */
const DEADLINE_MS = 10 * 60_000;

export const privacyRoutes = [
  defineRoute({
    method: "get",
    path: "/privacy/subjects/{subject}/export",
    operationId: "exportSubject",
    summary: "All that is stored about a person, as a file",
    description: "One JSON object a line: `table`, `workspace`, `record`. Noted in the audit log.",
    tag,
    permission: "privacy:export",
    params: exportSubjectParams,
    query: exportSubjectQuery,
    deadlineMs: DEADLINE_MS,
    status: 200,
    replyContentType: "application/x-ndjson",
    handler: async ({ ctx, params, query }) => {
      const fields = (query.fields ?? "").split(",").filter(Boolean);
      const pieces = await exportSubject(ctx, { ...params, fields });
      return new Response(asBody(Readable.toWeb(Readable.from(pieces, { objectMode: false }))), {
        headers: {
          "content-type": "application/x-ndjson",
          "content-disposition": 'attachment; filename="subject.ndjson"',
        },
      });
    },
  }),
  defineRoute({
    method: "post",
    path: "/privacy/erasures",
    operationId: "eraseSubject",
    summary: "Erase what is stored about a person",
    description:
      "Rows about the person go, mentions become a pseudonym, and a search of every text proves it. `dryRun` counts and changes nothing.",
    tag,
    permission: "privacy:erase",
    body: eraseSubjectInput,
    deadlineMs: DEADLINE_MS,
    status: 201,
    reply: erasureDto,
    handler: ({ ctx, body }) => eraseSubject(ctx, body),
  }),
  defineRoute({
    method: "get",
    path: "/privacy/erasures",
    operationId: "listErasures",
    summary: "List proofs of erasure",
    tag,
    permission: "privacy:export",
    query: listErasuresInput,
    status: 200,
    reply: pageOf(erasureDto),
    handler: ({ ctx, query }) => listErasures(ctx, query),
  }),
];

/** Node's web stream is a body; fetch types know the browser's class only. */
const asBody = (stream: ReadableStream): BodyInit => stream as unknown as BodyInit;
