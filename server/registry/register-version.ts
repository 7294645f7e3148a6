import { and, eq, inArray } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { artifactObjects, datasets, modelVersions } from "@/db/schema";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { AppError, invalid, notFound } from "@/server/kernel/errors";
import { insertVersion } from "./insert-version";
import { getModelInWorkspace, toVersionDto, toVersionSummary, type VersionRow } from "./internal";
import { registerVersionInput, type VersionDto } from "./schemas";

type Values = z.output<typeof registerVersionInput>;

/**
 * Adds the next version of a model with its artifacts; the newest one before becomes its parent.
 * The same training job again answers the version it made and writes nothing.
 * Throws not_found, validation_failed when an artifact's bytes are not in the store.
 */
export async function registerVersion(
  ctx: Context,
  input: z.input<typeof registerVersionInput>,
): Promise<VersionDto> {
  requirePermission(ctx, "models:write");
  const values = registerVersionInput.parse(input);
  checkArtifacts(values.artifacts);
  return withWorkspace(ctx, async (tx) => {
    // The lock lets numbers be given one after the other and shows a repeat what came before it.
    const model = await getModelInWorkspace(tx, ctx, values.modelId, true);
    await requireGrant(tx, ctx, { on: { modelId: model.id }, action: "write" });
    const made = await findByTrainingJob(tx, ctx, values);
    if (made) return toVersionDto(made, model.name);
    await requireStored(tx, ctx, values.artifacts);
    const row = await insert(tx, ctx, values);
    await recordAudit(tx, ctx, {
      action: "version.registered",
      subjectType: "version",
      subjectId: row.id,
      after: { ...toVersionSummary(row, model.name), artifacts: values.artifacts },
    });
    await emitEvent(tx, ctx, {
      name: "registry/version.registered",
      data: { modelId: model.id, versionId: row.id },
    });
    await announceChange(tx, ctx, "registry", model.id);
    return toVersionDto(row, model.name);
  });
}

function checkArtifacts(artifacts: Values["artifacts"]): void {
  const paths = new Set(artifacts.map(({ path }) => path));
  if (paths.size !== artifacts.length) throw refuse("Two artifacts have the same path.");
  if (artifacts.filter(({ kind }) => kind === "model").length > 1) {
    throw refuse("A version has one artifact of the kind model: the file that is deployed.");
  }
}

const refuse = (message: string) => invalid(message, [{ path: "artifacts", message }]);

async function findByTrainingJob(
  tx: Transaction,
  ctx: Context,
  { trainingJobId, modelId }: Values,
): Promise<VersionRow | undefined> {
  if (!trainingJobId) return undefined;
  const [row] = await tx
    .select()
    .from(modelVersions)
    .where(
      and(
        eq(modelVersions.workspaceId, ctx.workspaceId),
        eq(modelVersions.trainingJobId, trainingJobId),
      ),
    );
  if (row && row.modelId !== modelId) {
    throw new AppError("conflict", "This training job made a version of another model.");
  }
  return row;
}

/** An artifact is a row over bytes that are there already; a version never promises missing ones. */
async function requireStored(
  tx: Transaction,
  ctx: Context,
  artifacts: Values["artifacts"],
): Promise<void> {
  if (artifacts.length === 0) return;
  const wanted = artifacts.map(({ sha256 }) => sha256);
  const rows = await tx
    .select({ sha256: artifactObjects.sha256, sizeBytes: artifactObjects.sizeBytes })
    .from(artifactObjects)
    .where(
      and(
        eq(artifactObjects.workspaceId, ctx.workspaceId),
        inArray(artifactObjects.sha256, wanted),
      ),
    );
  const sizes = new Map(rows.map(({ sha256, sizeBytes }) => [sha256, sizeBytes]));
  const lost = artifacts.find(({ sha256, sizeBytes }) => sizes.get(sha256) !== sizeBytes);
  if (lost)
    throw refuse(`The artifact ${lost.path} is not in the store with that digest and size.`);
}

async function insert(tx: Transaction, ctx: Context, values: Values): Promise<VersionRow> {
  const { artifacts, durationSeconds, ...facts } = values;
  return insertVersion(
    tx,
    ctx,
    {
      ...facts,
      datasetSha256: await datasetDigest(tx, ctx, values.datasetId),
      durationSeconds: durationSeconds === null ? null : Math.round(durationSeconds),
    },
    artifacts,
  );
}

/** Of a deleted dataset too: the version was made from it all the same. */
async function datasetDigest(
  tx: Transaction,
  ctx: Context,
  datasetId: string | null,
): Promise<string | null> {
  if (!datasetId) return null;
  const [row] = await tx
    .select({ sha256: datasets.sha256 })
    .from(datasets)
    .where(and(eq(datasets.workspaceId, ctx.workspaceId), eq(datasets.id, datasetId)));
  if (!row) throw notFound("The dataset");
  return row.sha256;
}
