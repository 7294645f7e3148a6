import { buffer } from "node:stream/consumers";
import { openObject } from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";
import { asAppError } from "@/server/kernel/errors";
import { type Graph, readGraph } from "./graph/read-graph";
import { UnreadableGraph } from "./graph/unreadable-graph";

/** Larger files are explained by sampling: reading one would hold up the process, bytes. */
const BYTES_MAX = 24 * 1024 * 1024;

/** The graph of a version's ONNX file; null where there is none that is read. */
export async function readModel(
  ctx: Pick<Context, "workspaceId" | "ports">,
  file: { sha256: string; sizeBytes: number },
): Promise<Graph | null> {
  if (file.sha256 === "" || file.sizeBytes > BYTES_MAX) return null;
  try {
    return await readGraph(await buffer(await openObject(ctx, file)));
  } catch (error) {
    // An object that is away is the nodes' trouble; explanations go on without it.
    if (error instanceof UnreadableGraph || asAppError(error)?.code === "not_found") return null;
    throw error;
  }
}
