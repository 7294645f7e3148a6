import type { Readable } from "node:stream";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import type { ConversionEnd } from "@/server/kernel/ports";
import { signatureSchema } from "@/server/protocols/open-inference/codec";
import { attachOnnx, checkUpload } from "@/server/registry";
import { ONNX_BYTES_MAX } from "./constants";
import { failConversion, plainLog, readWalls } from "./fail-conversion";
import { type ConversionRow, isOpen, lockConversion, setConversion } from "./internal";

const described = z.object({
  method: z.string().min(1).max(200),
  parity: z.object({
    rows: z.int().min(1),
    maxAbsDiff: z.number().min(0),
    labelFlips: z.int().min(0),
    // What a conversion may allow itself at most.
    tolerance: z.number().min(0).max(1e-4),
  }),
  signature: signatureSchema,
  inputExample: z.object({ inputs: z.array(z.record(z.string(), z.unknown())).min(1).max(10) }),
});

/**
 * Takes what a sandbox made, as little trusted as an upload: its description is parsed, its proof
 * judged, its ONNX file loaded in a process of its own. Ends the conversion either way.
 */
export async function acceptConversion(
  ctx: Context,
  row: ConversionRow,
  end: ConversionEnd & { result: NonNullable<ConversionEnd["result"]> },
): Promise<void> {
  requirePermission(ctx, "models:write");
  const parsed = described.safeParse(end.result.description);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const error = `The conversion describes no model: ${issue?.path.join(".")} ${issue?.message}.`;
    return failConversion(ctx, row, { ...end, error });
  }
  const { method, parity, signature, inputExample } = parsed.data;
  if (parity.maxAbsDiff > parity.tolerance || parity.labelFlips > 0) {
    const error = "The ONNX model does not answer as the native one does.";
    return failConversion(ctx, row, { ...end, error });
  }
  const refused = await check(end.result.onnx, signature, inputExample.inputs[0]);
  if (refused) return failConversion(ctx, row, { ...end, error: refused });
  const { objects } = ctx.ports;
  const file = await objects.put(ctx.workspaceId, end.result.onnx(), ONNX_BYTES_MAX);
  await withWorkspace(ctx, async (tx) => {
    const now = await lockConversion(tx, ctx, row.versionId);
    if (!isOpen(now) || now.id !== row.id) return;
    await attachOnnx(tx, ctx, row.versionId, { file, signature, parity, inputExample });
    const values = {
      status: "succeeded",
      method,
      parity,
      walls: readWalls(end.walls),
      log: plainLog(end.log),
      finishedAt: ctx.now(),
    };
    await setConversion(tx, ctx, row.id, values);
    await recordAudit(tx, ctx, {
      action: "conversion.succeeded",
      subjectType: "version",
      subjectId: row.versionId,
      after: { conversionId: row.id, method, parity },
    });
    await announceChange(tx, ctx, "training", row.id);
  });
}

/** Why the file cannot be served; null when it can. What may pass by itself is thrown on. */
async function check(
  onnx: () => Readable,
  signature: z.infer<typeof signatureSchema>,
  inputExample: Record<string, unknown> | undefined,
): Promise<string | null> {
  try {
    await checkUpload(onnx(), {
      target: signature.target.name,
      signature,
      ...(inputExample ? { inputExample } : {}),
    });
    return null;
  } catch (error) {
    if (error instanceof AppError && error.code === "validation_failed") return error.message;
    throw error;
  }
}
