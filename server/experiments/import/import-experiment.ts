import { and, eq, max, sql } from "drizzle-orm";
import { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { experiments, experimentTags } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { actorName } from "@/server/kernel/actor";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import { DEFAULT_EXPERIMENT } from "../constants";
import {
  type ExperimentRow,
  ensureDefaultExperiment,
  findExperimentByName,
  refuseRunKey,
} from "../internal";
import { experimentName, experimentRef, tagEntry } from "../schemas";

/** The tag of an experiment that was imported: the address of the server, `#`, its id there. */
export const IMPORT_TAG = "modelyard.importedFrom";

/** Larger ones are not kept: the next of ours would outgrow what clients write as an id. */
const NUMBER_MAX = 1_000_000;

const input = z.object({
  /** Address and id on the other server. */
  from: z.string().min(1).max(5000),
  number: z.int().min(0).nullable(),
  name: experimentName,
  tags: z.array(tagEntry.extend({ value: z.string() })),
});

type Values = z.output<typeof input>;

export interface ImportedExperiment {
  id: string;
  number: number;
  name: string;
  isDeleted: boolean;
}

/**
 * Makes the experiment that stands for one of another server, or finds the one made before. Number
 * and name stay as they were where they are free. Throws validation_failed.
 */
export async function importExperiment(
  ctx: Context,
  values: z.input<typeof input>,
): Promise<ImportedExperiment> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const wanted = input.parse(values);
  return withWorkspace(ctx, async (tx) => {
    await ensureDefaultExperiment(tx, ctx);
    // One at a time with those that clients make, so that no number is given twice.
    await tx.execute(
      sql`select pg_advisory_xact_lock(hashtextextended(${`experiments:${ctx.workspaceId}`}, 0))`,
    );
    const known = (await findImported(tx, ctx, wanted.from)) ?? (await ownDefault(tx, ctx, wanted));
    const row = known ?? (await insert(tx, ctx, wanted));
    const isNew = await writeTags(tx, row, wanted);
    if (isNew) {
      await recordAudit(tx, ctx, {
        action: "experiment.imported",
        subjectType: "experiment",
        subjectId: row.id,
        after: { name: row.name, number: row.number, from: wanted.from },
      });
      await announceChange(tx, ctx, "experiments", row.id);
    }
    return { id: row.id, number: row.number, name: row.name, isDeleted: row.deletedAt !== null };
  });
}

async function findImported(
  tx: Transaction,
  ctx: Context,
  from: string,
): Promise<ExperimentRow | undefined> {
  const [row] = await tx
    .select({ experiment: experiments })
    .from(experimentTags)
    .innerJoin(
      experiments,
      and(
        eq(experiments.workspaceId, experimentTags.workspaceId),
        eq(experiments.id, experimentTags.experimentId),
      ),
    )
    .where(
      and(
        eq(experimentTags.workspaceId, ctx.workspaceId),
        eq(experimentTags.key, IMPORT_TAG),
        eq(experimentTags.value, from),
      ),
    );
  return row?.experiment;
}

/** The default experiment of the other server is ours. */
async function ownDefault(tx: Transaction, ctx: Context, wanted: Values) {
  if (wanted.number !== DEFAULT_EXPERIMENT.number) return undefined;
  const [row] = await tx
    .select()
    .from(experiments)
    .where(
      and(
        eq(experiments.workspaceId, ctx.workspaceId),
        eq(experiments.number, DEFAULT_EXPERIMENT.number),
      ),
    );
  return row;
}

async function insert(tx: Transaction, ctx: Context, wanted: Values): Promise<ExperimentRow> {
  const [row] = await tx
    .insert(experiments)
    .values({
      workspaceId: ctx.workspaceId,
      id: newId(ctx.now().getTime()),
      number: await freeNumber(tx, ctx, wanted.number),
      name: await freeName(tx, ctx, wanted.name),
      description: "",
      createdBy: actorName(ctx.actor),
      createdAt: ctx.now(),
      updatedAt: ctx.now(),
    })
    .returning();
  if (!row) throw new Error("insert returned no row");
  return row;
}

async function freeNumber(tx: Transaction, ctx: Context, wanted: number | null): Promise<number> {
  const own = eq(experiments.workspaceId, ctx.workspaceId);
  if (wanted !== null && wanted <= NUMBER_MAX) {
    const taken = await tx
      .select({ id: experiments.id })
      .from(experiments)
      .where(and(own, eq(experiments.number, wanted)));
    if (taken.length === 0) return wanted;
  }
  const [last] = await tx
    .select({ number: max(experiments.number) })
    .from(experiments)
    .where(own);
  return (last?.number ?? 0) + 1;
}

async function freeName(tx: Transaction, ctx: Context, wanted: string): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    const ending = tries === 1 ? "" : tries === 2 ? " (imported)" : ` (imported ${tries - 1})`;
    const name = experimentRef.parse(wanted.slice(0, 500 - ending.length) + ending);
    if (!(await findExperimentByName(tx, ctx, name))) return name;
  }
}

/** Whether the experiment got the tag of imports just now. */
async function writeTags(tx: Transaction, row: ExperimentRow, wanted: Values): Promise<boolean> {
  const place = { workspaceId: row.workspaceId, experimentId: row.id };
  const mark = await tx
    .insert(experimentTags)
    .values({ ...place, key: IMPORT_TAG, value: wanted.from })
    .onConflictDoNothing()
    .returning({ key: experimentTags.key });
  const tags = [...new Map(wanted.tags.map((tag) => [tag.key, tag])).values()];
  const added = tags.filter(({ key }) => key !== IMPORT_TAG);
  if (mark.length > 0 && added.length > 0) {
    await tx
      .insert(experimentTags)
      .values(added.map((tag) => ({ ...tag, ...place })))
      .onConflictDoNothing();
  }
  return mark.length > 0;
}
