import { and, eq, isNull } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { models, modelVersionTags, runs } from "@/db/schema";
import { requireGrant, requirePermission } from "@/server/access";
import { openObject } from "@/server/artifacts";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { insertVersion } from "../insert-version";
import { getModelInWorkspace, type ModelRow, toVersionSummary, type VersionRow } from "../internal";
import { loadRegisteredVersion } from "../search/load-versions";
import type { RegisteredVersionDto } from "../search/schemas";
import { artifactsOf } from "./artifact-kinds";
import { type Found, findFiles, uuidOf } from "./find-files";
import { linkLoggedModel } from "./link-logged-model";
import { parseSource, refuseOtherRun } from "./parse-source";
import { isPrompt } from "./prompt-tag";
import { MLMODEL_MAX_BYTES, type MlmodelFacts, readMlmodel } from "./read-mlmodel";
import { metricsOfRun } from "./run-metrics";
import { registerFromSourceInput } from "./schemas";

type Values = z.output<typeof registerFromSourceInput>;

/**
 * Adds the next version of a model from where an MLflow client logged it. Its files stay the objects
 * they are: the version gets rows over them and none of them is read but the MLmodel. Throws
 * not_found for the model, run or logged model, validation_failed for a source that may not be used.
 */
export async function registerFromSource(
  ctx: Context,
  input: z.input<typeof registerFromSourceInput>,
): Promise<RegisteredVersionDto> {
  requirePermission(ctx, "models:write");
  const values = registerFromSourceInput.parse(input);
  // A prompt lies in its tags; what it names as source is a word.
  const source = isPrompt(values.tags)
    ? ({ kind: "elsewhere" } as const)
    : parseSource(values.source);
  if (!isPrompt(values.tags)) refuseOtherRun(values.source, values.run);
  const found = await withWorkspace(ctx, async (tx) => {
    await getModelInWorkspace(tx, ctx, values.model);
    return findFiles(tx, ctx, source, values.source);
  });
  const facts = await readFacts(ctx, found);
  return withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, values.model, true);
    await requireGrant(tx, ctx, { on: { modelId: model.id }, action: "write" });
    const version = await insert(tx, ctx, model, { values, found, facts });
    await emitEvent(tx, ctx, {
      name: "registry/version.registered",
      data: { modelId: model.id, versionId: version.id },
    });
    await announceChange(tx, ctx, "registry", model.id);
    return loadRegisteredVersion(tx, ctx, version.id);
  });
}

async function readFacts(ctx: Context, { files }: Found): Promise<MlmodelFacts | null> {
  const file = files.find(({ path }) => path === "MLmodel");
  if (!file || file.sizeBytes > MLMODEL_MAX_BYTES) return null;
  const chunks: Buffer[] = [];
  for await (const chunk of await openObject(ctx, file)) chunks.push(chunk as Buffer);
  return readMlmodel(Buffer.concat(chunks).toString("utf8"));
}

async function insert(
  tx: Transaction,
  ctx: Context,
  model: ModelRow,
  { values, found, facts }: { values: Values; found: Found; facts: MlmodelFacts | null },
): Promise<VersionRow> {
  const artifacts = artifactsOf(found.files, facts);
  const runId = found.runId ?? (await knownRun(tx, ctx, values.run));
  const version = await insertVersion(
    tx,
    ctx,
    {
      modelId: model.id,
      description: values.description,
      runId,
      metrics: await metricsOfRun(tx, ctx, runId),
      task: "other",
      algorithm: facts?.flavors.find((name) => name !== "python_function") ?? null,
      environment: facts ? { mlflow: facts } : {},
      source: values.source,
      sourceLocation: artifacts.length > 0 ? null : found.location,
      sourceRun: values.run || null,
      sourceModelId: found.loggedModelId,
      runLink: values.runLink,
    },
    artifacts,
  );
  const { workspaceId } = ctx;
  const tags = Object.entries(values.tags).map(([key, value]) => ({ key, value }));
  if (tags.length > 0) {
    await tx
      .insert(modelVersionTags)
      .values(tags.map((tag) => ({ ...tag, workspaceId, versionId: version.id })));
  }
  if (found.loggedModelId) await linkLoggedModel(tx, ctx, found.loggedModelId, model, version);
  // The first version that says what made it speaks for a model that came without.
  if (model.framework === "custom" && facts?.framework) {
    await tx
      .update(models)
      .set({ framework: facts.framework })
      .where(and(eq(models.workspaceId, workspaceId), eq(models.id, model.id)));
  }
  await recordAudit(tx, ctx, {
    action: "version.registered",
    subjectType: "version",
    subjectId: version.id,
    after: {
      ...toVersionSummary(version, model.name),
      tags: values.tags,
      artifacts: artifacts.length,
    },
  });
  return version;
}

/** The run a client names, where it is one of ours. */
async function knownRun(tx: Transaction, ctx: Context, run: string): Promise<string | null> {
  if (!/^[0-9a-f]{32}$/i.test(run)) return null;
  const [row] = await tx
    .select({ id: runs.id })
    .from(runs)
    .where(
      and(eq(runs.workspaceId, ctx.workspaceId), eq(runs.id, uuidOf(run)), isNull(runs.deletedAt)),
    );
  return row?.id ?? null;
}
