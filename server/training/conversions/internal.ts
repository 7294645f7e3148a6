import { and, desc, eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { conversionSettings, modelConversions } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { ConversionDto } from "./schemas";

export type ConversionRow = typeof modelConversions.$inferSelect;
type Tenant = Pick<Context, "workspaceId">;

/** The newest conversion of a version, locked until the commit; undefined when it never had one. */
export async function lockConversion(
  tx: Transaction,
  ctx: Tenant,
  versionId: string,
): Promise<ConversionRow | undefined> {
  const [row] = await tx
    .select()
    .from(modelConversions)
    .where(
      and(
        eq(modelConversions.workspaceId, ctx.workspaceId),
        eq(modelConversions.versionId, versionId),
      ),
    )
    .orderBy(desc(modelConversions.createdAt), desc(modelConversions.id))
    .limit(1)
    .for("update");
  return row;
}

export const isOpen = (row: ConversionRow | undefined): row is ConversionRow =>
  row?.status === "queued" || row?.status === "running";

export async function setConversion(
  tx: Transaction,
  ctx: Tenant,
  id: string,
  values: Partial<typeof modelConversions.$inferInsert>,
): Promise<ConversionRow> {
  const [row] = await tx
    .update(modelConversions)
    .set(values)
    .where(and(eq(modelConversions.workspaceId, ctx.workspaceId), eq(modelConversions.id, id)))
    .returning();
  if (!row) throw new Error("a conversion that was locked is gone");
  return row;
}

/** Whether the workspace allows pickled models to be converted. */
export async function allowsPickled(tx: Transaction, ctx: Tenant): Promise<boolean> {
  const [row] = await tx
    .select({ allowPickled: conversionSettings.allowPickled })
    .from(conversionSettings)
    .where(eq(conversionSettings.workspaceId, ctx.workspaceId));
  return row?.allowPickled ?? false;
}

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

export const toConversionDto = (row: ConversionRow): ConversionDto => ({
  id: row.id,
  versionId: row.versionId,
  status: row.status as ConversionDto["status"],
  flavor: row.flavor as ConversionDto["flavor"],
  form: row.form as ConversionDto["form"],
  attempt: row.attempt,
  method: row.method,
  parity: row.parity as ConversionDto["parity"],
  walls: row.walls as ConversionDto["walls"],
  error: row.error,
  log: row.log,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  startedAt: iso(row.startedAt),
  finishedAt: iso(row.finishedAt),
});
