import type { Context as HonoContext } from "hono";
import { artifactPathProblem, openRunArtifact, readTracesWithSpans } from "@/server/experiments";
import type { Context } from "@/server/kernel/context";
import type { HttpBindings } from "@/server/protocols/rest/mount-routes";
import { invalidParameter, MlflowError, missingParameter } from "./errors";
import { toFileSpan } from "./otlp/span-file";
import { nameFile, serveFile } from "./serve-file";

const FILE_NAME = "traces.json";

/**
 * The spans of a trace as one file, wherever they are kept, or an attachment of it. Throws
 * RESOURCE_DOES_NOT_EXIST for a trace nobody knows.
 */
export async function serveTraceFile(
  http: HonoContext<HttpBindings>,
  ctx: Context,
): Promise<Response> {
  const { request_id: traceId = "", path = "" } = http.req.query();
  if (traceId === "") throw missingParameter("request_id");
  if (path !== "" && artifactPathProblem(path)) throw invalidParameter("Invalid path");
  const [trace] = await readTracesWithSpans(ctx, { traceIds: [traceId], withSpans: path === "" });
  if (!trace) {
    const message = `Trace with ID '${traceId.slice(0, 100)}' not found.`;
    throw new MlflowError("RESOURCE_DOES_NOT_EXIST", message);
  }
  const owner = { kind: "trace", id: trace.id } as const;
  const stored = path === "" ? FILE_NAME : `attachments/${path}`;
  // Clients before 3.4 keep the spans themselves among the trace's files.
  if (path !== "" || trace.spans.length === 0) {
    return serveFile(ctx, http, await openRunArtifact(ctx, { owner, path: stored }));
  }
  const spans = trace.spans.map((span) => toFileSpan(trace.id, span));
  const headers = new Headers({
    "content-type": "application/octet-stream",
    "x-content-type-options": "nosniff",
    "cache-control": "private, no-store",
  });
  nameFile(headers, FILE_NAME);
  return new Response(JSON.stringify({ spans }), { headers });
}
