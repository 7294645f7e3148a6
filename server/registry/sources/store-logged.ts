import { Readable } from "node:stream";
import type { Context } from "@/server/kernel/context";
import { checkUpload } from "../uploads/check-upload";
import { MODEL_BYTES_MAX } from "../uploads/constants";
import type { SignatureHints } from "../uploads/schemas";
import { type LoggedOnnx, openLoggedOnnx } from "./logged-onnx";

/**
 * Checks a logged ONNX file as a node loads it and puts it into the store as one file, its weights and
 * outputs of our names in it. Throws as checkUpload does.
 */
export async function storeLogged(
  ctx: Context,
  onnx: LoggedOnnx,
  hints: SignatureHints,
): Promise<{ sha256: string; sizeBytes: number }> {
  const checked = await checkUpload(await openLoggedOnnx(ctx, onnx), hints);
  const whole = Readable.from(followedBy(await openLoggedOnnx(ctx, onnx), checked.suffix));
  return ctx.ports.objects.put(ctx.workspaceId, whole, MODEL_BYTES_MAX);
}

/** A file with what is added at its end. */
export async function* followedBy(content: Readable, suffix: Uint8Array) {
  yield* content;
  yield suffix;
}
