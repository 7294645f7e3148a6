import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { z } from "zod";
import { openObject } from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";
import { invalid } from "@/server/kernel/errors";
import type { VersionArtifact } from "../schemas";
import { inlineWeights, type Piece } from "../uploads/inline-weights";
import { UnfitModel } from "../uploads/unfit-model";
import type { Logged } from "./read-logged";
import { parseYaml, readMlmodel } from "./read-mlmodel";

/** An ONNX file that an MLflow client logged, weights in files beside it among them. */
export interface LoggedOnnx {
  file: VersionArtifact;
  /** Files it may keep weights in, by their path from its folder. */
  beside: ReadonlyMap<string, VersionArtifact>;
  /** Names of its columns where MLflow's signature says them; undefined for tensors. */
  features: string[] | undefined;
}

const mlmodel = z.object({ flavors: z.object({ onnx: z.object({ data: z.string().min(1) }) }) });
const columns = z.array(z.object({ name: z.string().min(1).max(256), type: z.string() })).min(1);

/** The ONNX file of a logged version; null for one of other flavors. Pure. */
export function loggedOnnx({ files, content }: Logged): LoggedOnnx | null {
  const parsed = mlmodel.safeParse(parseYaml(content));
  const path = parsed.data?.flavors.onnx.data;
  const found = files.find((one) => one.path === path && one.kind !== "quarantined");
  // Some clients name the folder of the file.
  const inside = files.find((one) => one.path === `${path}/model.onnx`);
  const file = found ?? inside;
  if (!file) return null;
  const folder = file.path.slice(0, file.path.lastIndexOf("/") + 1);
  const beside = files.filter((one) => one !== file && one.path.startsWith(folder));
  const named = columns.safeParse(readMlmodel(content)?.signature?.inputs);
  const isTabular = named.data?.every(({ type }) => type !== "tensor");
  return {
    file,
    beside: new Map(beside.map((one) => [one.path.slice(folder.length), one])),
    features: isTabular ? named.data?.map(({ name }) => name) : undefined,
  };
}

/** Larger files are read as they are: graphs of weights elsewhere are small. */
const INLINED_BYTES_MAX = 64 * 1024 * 1024;

/** The file as one, with its weights in it. Throws validation_failed where they are not there. */
export async function openLoggedOnnx(
  ctx: Context,
  { file, beside }: Pick<LoggedOnnx, "file" | "beside">,
): Promise<Readable> {
  if (beside.size === 0 || file.sizeBytes > INLINED_BYTES_MAX) return openObject(ctx, file);
  const bytes = await buffer(await openObject(ctx, file));
  try {
    const pieces = inlineWeights(bytes, (location) => beside.get(location)?.sizeBytes);
    return Readable.from(contentOf(ctx, pieces, beside));
  } catch (error) {
    if (!(error instanceof UnfitModel)) throw error;
    throw invalid(error.message, [{ path: "model", message: error.message }]);
  }
}

async function* contentOf(
  ctx: Context,
  pieces: readonly Piece[],
  beside: LoggedOnnx["beside"],
): AsyncGenerator<Buffer> {
  for (const piece of pieces) {
    if (Buffer.isBuffer(piece)) {
      if (piece.length > 0) yield piece;
      continue;
    }
    const from = beside.get(piece.location);
    if (!from || piece.length === 0) continue;
    const range = { start: piece.start, end: piece.start + piece.length - 1 };
    yield* (await ctx.ports.objects.get(
      ctx.workspaceId,
      from.sha256,
      range,
    )) as AsyncIterable<Buffer>;
  }
}
