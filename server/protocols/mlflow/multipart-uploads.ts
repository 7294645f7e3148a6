import { randomUUID } from "node:crypto";
import type { Hono, Context as HonoContext } from "hono";
import { z } from "zod";
import { abortUpload, completeUpload, putUploadPart, startUpload } from "@/server/experiments";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import type { SecretBox } from "@/server/kernel/secret-box";
import type { HttpBindings } from "@/server/protocols/rest/mount-routes";
import type { Runtime } from "@/server/runtime";
import { type ArtifactLocation, decodeUrlPath, locateArtifact } from "./artifact-location";
import { bodyOf } from "./body-stream";
import { invalidParameter, MlflowError } from "./errors";
import { int64, list, message, parseMessage, required, str } from "./fields";
import { readJsonBody } from "./read-request";

type Http = HonoContext<HttpBindings>;
type Answer = (http: Http, ctx: Context) => Promise<Response>;

/** The header by which a part shows where it belongs; clients repeat the headers they are given. */
const TOKEN_HEADER = "x-modelyard-upload";
const PURPOSE = "artifact upload";

const claims = z.object({
  workspaceId: z.uuid(),
  uploadId: z.uuid(),
  number: z.int(),
  /** Milliseconds since the epoch. */
  until: z.int(),
});

/** Parts must come within this time after the upload was opened, milliseconds. */
const TOKEN_MS = 60 * 60 * 1000;

/** Clients fall back to one plain upload or download on these words. */
export const noParts: Answer = async () => {
  throw new MlflowError(
    "NOT_IMPLEMENTED",
    "Multipart upload is not supported for the current artifact repository",
  );
};

/** The file that path and body name together: the folder, and the client's own path of the file. */
function placeOf(http: Http, marker: string, clientPath: string): ArtifactLocation {
  const folder = decodeUrlPath(http.env?.incoming?.url ?? http.req.url, marker);
  const name = clientPath.split(/[/\\]/).at(-1) ?? "";
  if (name === "") throw invalidParameter("Invalid path");
  return locateArtifact(folder === "" ? name : `${folder}/${name}`);
}

const createFields = { path: required(str), num_parts: required(int64) };

const create: Answer = async (http, ctx) => {
  const secrets = ctx.ports.secrets;
  if (!secrets) return noParts(http, ctx);
  const body = parseMessage(createFields, await readJsonBody(http));
  const place = placeOf(http, "/mlflow-artifacts/mpu/create", body.path);
  const { uploadId } = await startUpload(ctx, { ...place, parts: body.num_parts });
  const until = ctx.now().getTime() + TOKEN_MS;
  const address = partsAddress(http);
  const credentials = Array.from({ length: body.num_parts }, (_, at) => {
    const claim = { workspaceId: ctx.workspaceId, uploadId, number: at + 1, until };
    const token = secrets.seal(PURPOSE, JSON.stringify(claim)).toString("base64url");
    return {
      url: `${address}/${at + 1}`,
      part_number: at + 1,
      headers: { [TOKEN_HEADER]: token },
    };
  });
  return http.json({ upload_id: uploadId, credentials });
};

/** Where parts go: the server as the client named it, which a proxy may serve over TLS. */
function partsAddress(http: Http): string {
  const url = new URL(http.req.url);
  if (http.req.header("x-forwarded-proto") === "https") url.protocol = "https:";
  const prefix = url.pathname.slice(0, url.pathname.indexOf("/mlflow-artifacts/"));
  return `${url.origin}${prefix}/mlflow-artifacts/parts`;
}

const completeFields = {
  path: required(str),
  upload_id: required(str),
  parts: list(required(message({ part_number: required(int64), etag: required(str), url: str }))),
};

const complete: Answer = async (http, ctx) => {
  const body = parseMessage(completeFields, await readJsonBody(http));
  const place = placeOf(http, "/mlflow-artifacts/mpu/complete", body.path);
  const parts = body.parts.map(({ part_number, etag }) => ({ number: part_number, etag }));
  await completeUpload(ctx, { ...place, uploadId: body.upload_id, parts });
  return http.json({});
};

const abortFields = { path: required(str), upload_id: required(str) };

const abort: Answer = async (http, ctx) => {
  const body = parseMessage(abortFields, await readJsonBody(http));
  const place = placeOf(http, "/mlflow-artifacts/mpu/abort", body.path);
  await abortUpload(ctx, { ...place, uploadId: body.upload_id });
  return http.json({});
};

export const MULTIPART_ANSWERS = { create, complete, abort } as const;

/** What a sealed token says. Throws unauthenticated for one that is changed, foreign or expired. */
function openToken(secrets: SecretBox | undefined, token: string, now: Date) {
  try {
    const text = secrets?.open(PURPOSE, Buffer.from(token, "base64url"));
    const claim = claims.parse(JSON.parse(text ?? ""));
    if (claim.until > now.getTime()) return claim;
  } catch {
    // Told below: what is wrong with it helps only who forged it.
  }
  throw new AppError("unauthenticated", "The token of this part is not valid, or has expired.");
}

/** The route that takes parts: by the token alone, since clients send it no credentials. */
export function mountParts(
  app: Hono<HttpBindings>,
  prefix: string,
  runtime: Runtime,
  answerError: (http: Http, error: unknown, requestId: string) => Response,
): void {
  app.put(`${prefix}/mlflow-artifacts/parts/:number`, async (http) => {
    const requestId = http.get("requestId") ?? randomUUID();
    try {
      const token = http.req.header(TOKEN_HEADER) ?? "";
      const claim = openToken(runtime.ports.secrets, token, new Date());
      if (http.req.param("number") !== String(claim.number)) {
        throw new AppError("unauthenticated", "The token is one of another part.");
      }
      const ctx = { ...runtime.jobContext(claim.workspaceId, "upload in parts"), requestId };
      const content = bodyOf(http);
      const { uploadId, number } = claim;
      const part = await putUploadPart(ctx, { uploadId, number, content });
      return http.json({}, 200, { etag: `"${part.sha256}"` });
    } catch (error) {
      return answerError(http, error, requestId);
    }
  });
}
