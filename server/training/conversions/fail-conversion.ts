import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { type ConversionRow, isOpen, lockConversion, setConversion } from "./internal";
import { wallsDto } from "./schemas";

const ERROR_CHARACTERS_MAX = 1_000;
const LOG_CHARACTERS_MAX = 256 * 1024;

/** PostgreSQL keeps no NUL in a text. */
export const plainLog = (log: string): string =>
  log.replaceAll("\0", "").slice(0, LOG_CHARACTERS_MAX);

/** What was told of the walls, where it has their form. */
export const readWalls = (walls: unknown) => wallsDto.safeParse(walls).data ?? null;

/** Ends a conversion that did not come about; one that ended otherwise meanwhile stays so. */
export async function failConversion(
  ctx: Context,
  { id, versionId }: Pick<ConversionRow, "id" | "versionId">,
  end: { error: string; log: string; walls: unknown },
): Promise<void> {
  requirePermission(ctx, "models:write");
  const error = end.error.replaceAll("\0", "").slice(0, ERROR_CHARACTERS_MAX);
  await withWorkspace(ctx, async (tx) => {
    const row = await lockConversion(tx, ctx, versionId);
    if (!isOpen(row) || row.id !== id) return;
    await setConversion(tx, ctx, id, {
      status: "failed",
      error,
      log: plainLog(end.log),
      walls: readWalls(end.walls),
      finishedAt: ctx.now(),
    });
    await recordAudit(tx, ctx, {
      action: "conversion.failed",
      subjectType: "version",
      subjectId: versionId,
      after: { conversionId: id, error },
    });
    await announceChange(tx, ctx, "training", id);
  });
}
