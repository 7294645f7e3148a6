import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { openObject } from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";
import { asAppError } from "@/server/kernel/errors";
import { openVersionFile } from "@/server/registry";
import { type Profile, profileSchema } from "./background";

/** Where trainers put it among a version's files. */
const PATH = "reference_profile.json";
const BYTES_MAX = 16 * 1024 * 1024;

/** The reference profile of a version; null when it has none, or none that can be read. */
export async function readReferenceProfile(
  ctx: Context,
  versionId: string,
): Promise<Profile | null> {
  try {
    const file = await openVersionFile(ctx, { versionId, path: PATH });
    if (file.sizeBytes > BYTES_MAX) return null;
    const content = Readable.toWeb(await openObject(ctx, file)) as AsyncIterable<Uint8Array>;
    return profileSchema.safeParse(JSON.parse(await text(content))).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError || asAppError(error)?.code === "not_found") return null;
    throw error;
  }
}
