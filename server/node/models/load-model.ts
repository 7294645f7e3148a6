import { createHash } from "node:crypto";
import type { ObjectAccess } from "@/server/kernel/ports";
import { inspectOnnx } from "@/server/node/onnx/inspect-onnx";
import { createOnnxSession } from "@/server/node/onnx/onnx-session";
import type { ModelStats } from "@/server/node/stats/model-stats";
import { badRequest, ProtocolError } from "@/server/protocols/open-inference/codec";
import type { LoadRequest } from "./load-request";
import { LoadedModel } from "./loaded-model";
import { warmUp } from "./warm-up";

/**
 * The artifact store as the node sees it: the whole file for a SHA-256 in lower-case hex, opened with
 * what the load request brought along. Rejects with `code` "ENOENT" or "not_found" when there is no
 * such file, "damaged" when it does not open.
 */
export type ReadArtifact = (sha256: string, access: ObjectAccess | undefined) => Promise<Buffer>;

/**
 * Makes a model ready to answer: bytes with their digest checked, inspected, a session, warmed up.
 * Throws ProtocolError 400 for a model that is not acceptable, 404 for an unknown artifact, 503
 * when the store cannot be read.
 */
export async function loadModel(
  request: LoadRequest,
  readArtifact: ReadArtifact,
  limits: { bytesMax: number; intraOpThreads: number },
  stats: ModelStats,
): Promise<LoadedModel> {
  const bytes = await readChecked(request, readArtifact, limits.bytesMax);
  inspectOnnx(bytes);
  const threads = request.config?.intra_op_threads ?? limits.intraOpThreads;
  const session = await createOnnxSession(bytes, threads);
  try {
    const warm = await warmUp(session, request.signature);
    const agreed = { ...session, inputs: warm.inputs };
    const model = new LoadedModel(agreed, request.signature, warm, bytes.byteLength, stats);
    model.configure(request.config ?? {});
    return model;
  } catch (error) {
    await session.release();
    throw error;
  }
}

async function readChecked(
  request: LoadRequest,
  readArtifact: ReadArtifact,
  bytesMax: number,
): Promise<Buffer> {
  checkSize(request.sizeBytes ?? 0, bytesMax);
  let bytes: Buffer;
  try {
    bytes = await readArtifact(request.artifact, request.access);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "not_found")
      throw new ProtocolError(404, `the artifact ${request.artifact} does not exist`);
    if (code === "damaged")
      throw badRequest(`the artifact ${request.artifact} is not what was stored under its key`);
    throw new ProtocolError(503, `the artifact ${request.artifact} cannot be read`, 1);
  }
  checkSize(bytes.byteLength, bytesMax);
  if (request.sizeBytes !== undefined && request.sizeBytes !== bytes.byteLength)
    throw badRequest(
      `the artifact has ${bytes.byteLength} bytes, size_bytes says ${request.sizeBytes}`,
    );
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (digest !== request.artifact)
    throw badRequest(`the artifact's SHA-256 is ${digest}, expected ${request.artifact}`);
  return bytes;
}

function checkSize(bytes: number, bytesMax: number): void {
  if (bytes > bytesMax)
    throw badRequest(
      `the model has ${bytes} bytes, more than the ${bytesMax} bytes this node keeps in memory`,
    );
}
