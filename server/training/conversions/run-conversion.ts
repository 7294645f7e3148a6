import { and, eq } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { modelConversions, modelVersions } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { openObject } from "@/server/artifacts";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError, invalid, notFound } from "@/server/kernel/errors";
import type { ConversionTask, ModelConverter } from "@/server/kernel/ports";
import { type NativeSource, nativeSource } from "@/server/registry";
import { acceptConversion } from "./accept-conversion";
import { ATTEMPTS_MAX } from "./constants";
import { failConversion } from "./fail-conversion";
import { allowsPickled, type ConversionRow, lockConversion, setConversion } from "./internal";

/** Between two looks at whether somebody canceled, milliseconds. */
const LOOK_MS = 1_000;
/** One conversion at a time in a process: each may take gigabytes. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Converts a version that waits for it, and answers when it has its ONNX file; at once when it has
 * one. Repeating it after a worker died goes on. Throws validation_failed with the reason when it
 * cannot be converted, conflict when somebody canceled, unavailable when it may be tried again.
 */
export async function runConversion(
  ctx: Context,
  input: { versionId: string },
): Promise<{ converted: boolean }> {
  requirePermission(ctx, "models:write");
  const turn = last.then(() => convertOnce(ctx, input.versionId));
  last = turn.catch(() => undefined);
  return turn;
}

async function convertOnce(ctx: Context, versionId: string): Promise<{ converted: boolean }> {
  const source = await sourceOf(ctx, versionId);
  if (!source) return { converted: false };
  const { converter } = ctx.ports;
  if (!converter) throw new AppError("unavailable", "This process converts no models.");
  const row = await claim(ctx, versionId, source);
  await runWatched(ctx, row, source, converter);
  return { converted: true };
}

async function sourceOf(ctx: Context, versionId: string): Promise<NativeSource | null> {
  const model = await withWorkspace(ctx, async (tx) => {
    const [version] = await tx
      .select({ modelId: modelVersions.modelId })
      .from(modelVersions)
      .where(and(eq(modelVersions.workspaceId, ctx.workspaceId), eq(modelVersions.id, versionId)));
    if (!version) throw notFound("The version");
    return version.modelId;
  });
  return nativeSource(ctx, { model, versionId });
}

/** Takes the open conversion, also one that a dead worker had begun. Throws when it may not run. */
async function claim(ctx: Context, versionId: string, source: NativeSource) {
  const refused = await withWorkspace(ctx, async (tx) => {
    const row = await lockConversion(tx, ctx, versionId);
    if (row?.status === "canceled") {
      throw new AppError("conflict", "The conversion to ONNX was canceled.");
    }
    if (row?.status !== "queued" && row?.status !== "running") {
      throw invalid(row?.error ?? "Nobody asked for this version to be converted to ONNX.");
    }
    if (row.attempt >= ATTEMPTS_MAX) {
      return { row, error: "The conversion ended the process that ran it, several times." };
    }
    if (source.form === "pickle" && !(await allowsPickled(tx, ctx))) {
      return { row, error: "This workspace does not allow pickled models to be converted." };
    }
    const claimed = await setConversion(tx, ctx, row.id, {
      status: "running",
      attempt: row.attempt + 1,
      startedAt: ctx.now(),
    });
    await announceChange(tx, ctx, "training", row.id);
    return { row: claimed, error: null };
  });
  if (refused.error === null) return refused.row;
  await failConversion(ctx, refused.row, { error: refused.error, log: "", walls: null });
  throw invalid(refused.error);
}

async function runWatched(
  ctx: Context,
  row: ConversionRow,
  source: NativeSource,
  converter: ModelConverter,
): Promise<void> {
  const canceled = new AbortController();
  const watch = setInterval(async () => {
    if ((await statusOf(ctx, row.id).catch(() => "running")) !== "canceled") return;
    canceled.abort(new AppError("conflict", "The conversion to ONNX was canceled."));
  }, LOOK_MS);
  try {
    await converter.convert(taskOf(ctx, row, source), canceled.signal, (end) =>
      end.result
        ? acceptConversion(ctx, row, { ...end, result: end.result })
        : failConversion(ctx, row, { ...end, error: end.error ?? "It ended without a result." }),
    );
  } finally {
    clearInterval(watch);
  }
  const ended = await withWorkspace(ctx, (tx) => lockConversion(tx, ctx, row.versionId));
  if (ended?.status === "succeeded") return;
  throw invalid(ended?.error ?? "The model could not be converted to ONNX.");
}

const statusOf = (ctx: Context, id: string) =>
  withWorkspace(ctx, async (tx) => {
    const [row] = await tx
      .select({ status: modelConversions.status })
      .from(modelConversions)
      .where(and(eq(modelConversions.workspaceId, ctx.workspaceId), eq(modelConversions.id, id)));
    return row?.status;
  });

function taskOf(ctx: Context, row: ConversionRow, source: NativeSource): ConversionTask {
  const { model, example } = source;
  return {
    id: row.id,
    flavor: source.flavor,
    form: source.form,
    columns: source.columns,
    model: { ...model, open: () => openObject(ctx, model) },
    example: example && { sizeBytes: example.sizeBytes, open: () => openObject(ctx, example) },
  };
}
