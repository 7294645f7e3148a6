import { pipeline } from "node:stream/promises";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { DamagedObject } from "./damaged-object";
import { openObject, type StoredObject } from "./open-object";

/** Reads an object from start to end; answers what is wrong with it, `intact` when nothing is. */
export async function verifyObject(
  ctx: Pick<Context, "workspaceId" | "ports">,
  object: StoredObject,
): Promise<"intact" | "damaged" | "missing"> {
  try {
    await pipeline(await openObject(ctx, object), async (source) => {
      for await (const _chunk of source);
    });
    return "intact";
  } catch (error) {
    if (error instanceof DamagedObject) return "damaged";
    if (error instanceof AppError && error.code === "not_found") return "missing";
    throw error;
  }
}
