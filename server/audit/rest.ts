import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { defineRoute } from "@/server/protocols/rest/contract";
import { exportAudit, verifyAudit } from "./index";
import { auditVerification, exportAuditInput } from "./schemas";

const tag = "Access";
const TYPES = { ndjson: "application/x-ndjson", csv: "text/csv; charset=utf-8" } as const;

export const auditRoutes = [
  defineRoute({
    method: "get",
    path: "/audit/export",
    operationId: "exportAudit",
    summary: "The audit log as a file, oldest first",
    description: "One JSON object a line, or CSV. The filters are those of `GET /audit`.",
    tag,
    permission: "audit:read",
    query: exportAuditInput,
    status: 200,
    replyContentType: "application/x-ndjson",
    handler: async ({ ctx, query }) => {
      const stream = Readable.toWeb(Readable.from(exportAudit(ctx, query), { objectMode: false }));
      return new Response(asBody(stream), {
        headers: {
          "content-type": TYPES[query.format],
          "content-disposition": `attachment; filename="audit.${query.format}"`,
        },
      });
    },
  }),
  defineRoute({
    method: "get",
    path: "/audit/verification",
    operationId: "verifyAudit",
    summary: "Whether the workspace's chain of audit entries is whole",
    description:
      "Checks every hash. The command `npm run audit:verify` also holds the chain against its signed checkpoints.",
    tag,
    permission: "audit:read",
    status: 200,
    reply: auditVerification,
    handler: ({ ctx }) => verifyAudit(ctx),
  }),
];

/** Node's web stream is a body; fetch types know the browser's class only. */
const asBody = (stream: ReadableStream): BodyInit => stream as unknown as BodyInit;
