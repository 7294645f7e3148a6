import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import type { NodeModel } from "@/server/kernel/ports";

/** How long a change of traffic waits for nodes that have to read a version again, milliseconds. */
const PRELOAD_MS = 5_000;

/**
 * Puts a version on inference nodes before it gets traffic. Throws conflict when a node refuses it;
 * nodes that are away load it with the first request.
 */
export async function preload(ctx: Context, model: NodeModel, replicas: number): Promise<void> {
  if (!ctx.ports.nodes) return;
  const loading = ctx.ports.nodes.load(model, replicas);
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PRELOAD_MS);
  });
  try {
    await Promise.race([loading, patience]);
  } catch (error) {
    if (error instanceof AppError && error.code === "validation_failed") {
      throw new AppError("conflict", `The version cannot be loaded: ${error.message}`);
    }
  } finally {
    clearTimeout(timer);
  }
  loading.catch(() => undefined);
}
