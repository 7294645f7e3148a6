import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { openObject } from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";
import { asAppError } from "@/server/kernel/errors";
import { openVersionFile } from "@/server/registry";
import { type Band, conformalBand } from "./conformal-band";

/** Where trainers put it among a version's files. */
const PATH = "evaluation/curves.json";
const BYTES_MAX = 4 * 1024 * 1024;

const numbers = z.array(z.number());
const curves = z.object({ residuals: z.object({ truth: numbers, prediction: numbers }) });

/** The band of a version's held-out residuals; null when it has none, or too few. */
export async function readBand(ctx: Context, versionId: string): Promise<Band | null> {
  try {
    const file = await openVersionFile(ctx, { versionId, path: PATH });
    if (file.sizeBytes > BYTES_MAX) return null;
    const content = Readable.toWeb(await openObject(ctx, file)) as AsyncIterable<Uint8Array>;
    const parsed = curves.safeParse(JSON.parse(await text(content)));
    if (!parsed.success) return null;
    const { truth, prediction } = parsed.data.residuals;
    return conformalBand(truth.map((one, at) => one - (prediction[at] ?? Number.NaN)));
  } catch (error) {
    if (error instanceof SyntaxError || asAppError(error)?.code === "not_found") return null;
    throw error;
  }
}
