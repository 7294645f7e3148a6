import type { Readable } from "node:stream";
import type { Context } from "@/server/kernel/context";
import { formatOf, PT2_PATH } from "../model-format";
import { checkArchive } from "./check-archive";
import { checkUpload } from "./check-upload";
import type { CheckedModel, SignatureHints } from "./schemas";

interface Stored {
  sha256: string;
  sizeBytes: number;
}

/** How archives of torch.export begin: they are ZIP files. ONNX is protobuf and does not. */
const ZIP = Buffer.from([0x50, 0x4b, 0x03, 0x04]);

/**
 * Checks a file that somebody sent by loading it as it will be served; `path` is the version's name
 * for it. Throws validation_failed, conflict where no node is here that would load it.
 */
export async function checkFile(
  ctx: Context,
  stored: Stored,
  hints: SignatureHints,
): Promise<CheckedModel & { path: string }> {
  const { objects } = ctx.ports;
  const path = (await isZip(ctx, stored)) ? PT2_PATH : "model.onnx";
  const checked =
    formatOf(path) === "pt2"
      ? await checkArchive(ctx, stored, hints)
      : await checkUpload(await objects.get(ctx.workspaceId, stored.sha256), hints);
  return { ...checked, path };
}

async function isZip(ctx: Context, { sha256, sizeBytes }: Stored): Promise<boolean> {
  if (sizeBytes < ZIP.length) return false;
  const range = { start: 0, end: ZIP.length - 1 };
  const start: Readable = await ctx.ports.objects.get(ctx.workspaceId, sha256, range);
  const pieces = await start.toArray();
  return ZIP.equals(Buffer.concat(pieces));
}
