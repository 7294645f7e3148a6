import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import type { Context as HonoContext } from "hono";
import { logSpans } from "@/server/experiments";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { readBytes } from "@/server/limits";
import type { HttpBindings } from "@/server/protocols/rest/mount-routes";
import { invalidParameter } from "../errors";
import { experimentNumber } from "../trace-wire";
import { readSpans } from "./read-spans";

const BODY_LIMIT_BYTES = 32 * 1024 * 1024;
const unzip = { gzip: promisify(gunzip), deflate: promisify(inflate) };

/** Keeps the spans an OpenTelemetry exporter sends; all of a request or none. */
export async function exportTraces(
  http: HonoContext<HttpBindings>,
  ctx: Context,
): Promise<Response> {
  const type = http.req.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/x-protobuf" && type !== "application/json") {
    throw invalidParameter(
      "Invalid Content-Type. Expected: application/x-protobuf or application/json",
    );
  }
  const experiment = http.req.header("x-mlflow-experiment-id");
  if (!experiment) throw invalidParameter("The header x-mlflow-experiment-id is missing.");
  const isJson = type === "application/json";
  await logSpans(ctx, {
    experimentNumber: experimentNumber(experiment),
    runId: http.req.header("x-mlflow-run-id"),
    spans: readSpans(await bodyOf(http), isJson),
  });
  // An empty ExportTraceServiceResponse has no bytes.
  return http.body(isJson ? "{}" : "", 200, { "content-type": type });
}

async function bodyOf(http: HonoContext<HttpBindings>): Promise<Buffer> {
  const bytes = await readBytes(http.req.raw, BODY_LIMIT_BYTES, http.env?.incoming);
  const encoding = http.req.header("content-encoding")?.toLowerCase() ?? "identity";
  if (encoding === "identity") return bytes;
  if (encoding !== "gzip" && encoding !== "deflate") {
    throw invalidParameter("The content-encoding may be gzip or deflate.");
  }
  try {
    return await unzip[encoding](bytes, { maxOutputLength: BODY_LIMIT_BYTES });
  } catch (error) {
    if (error instanceof RangeError) {
      throw new AppError(
        "payload_too_large",
        `The body may hold ${BODY_LIMIT_BYTES} bytes at most.`,
      );
    }
    throw invalidParameter(`The body is not ${encoding}.`);
  }
}
