import { and, eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { modelSignatures, modelVersions } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { Signature } from "@/server/protocols/open-inference/codec";
import { personKey } from "../approvals/policy";
import type { VersionRow } from "../internal";
import { renamedColumns } from "./compare-signatures";

/**
 * Makes a signature the version's own and keeps the one before; the caller holds the model's lock and
 * audits. Answers the new revision.
 */
export async function writeSignature(
  tx: Transaction,
  ctx: Context,
  version: VersionRow,
  { signature, note }: { signature: Signature; note: string },
): Promise<VersionRow> {
  const { workspaceId } = ctx;
  const before = version.signature as Signature | null;
  const revision = before ? version.signatureRevision + 1 : version.signatureRevision;
  const kept = { workspaceId, versionId: version.id };
  if (before) {
    await tx
      .insert(modelSignatures)
      .values({
        ...kept,
        revision: version.signatureRevision,
        signature: before,
        createdAt: version.createdAt,
      })
      .onConflictDoNothing();
  }
  await tx.insert(modelSignatures).values({
    ...kept,
    revision,
    signature,
    note,
    changedBy: personKey(ctx.actor),
    createdAt: ctx.now(),
  });
  const changes = {
    signature,
    signatureRevision: revision,
    task: signature.task,
    inputExample: before
      ? renamedExample(version.inputExample, renamedColumns(before, signature))
      : version.inputExample,
    updatedAt: ctx.now(),
  };
  await tx
    .update(modelVersions)
    .set(changes)
    .where(and(eq(modelVersions.workspaceId, workspaceId), eq(modelVersions.id, version.id)));
  return { ...version, ...changes };
}

/** An example under the new names of its columns: one row, or `inputs` of several. */
export function renamedExample(example: unknown, names: ReadonlyMap<string, string>): unknown {
  if (names.size === 0 || typeof example !== "object" || example === null) return example;
  if (Array.isArray(example)) return example.map((row) => renamedExample(row, names));
  if ("inputs" in example && Array.isArray(example.inputs)) {
    return { ...example, inputs: renamedExample(example.inputs, names) };
  }
  return Object.fromEntries(
    Object.entries(example).map(([name, value]) => [names.get(name) ?? name, value]),
  );
}
