import { and, eq, isNull, type SQL, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { Transaction } from "@/db/client";
import {
  loggedModelArtifacts,
  loggedModels,
  modelVersionArtifacts,
  runArtifacts,
  runs,
} from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { invalid, notFound } from "@/server/kernel/errors";
import { EXACT_NAME, getModelInWorkspace, getVersionInWorkspace } from "../internal";
import type { Source } from "./parse-source";

export interface SourceFile {
  /** Below the folder the source names. */
  path: string;
  sha256: string;
  sizeBytes: number;
}

/** What a source leads to in this workspace. */
export interface Found {
  files: SourceFile[];
  /** The run it came from; null when nobody knows. */
  runId: string | null;
  loggedModelId: string | null;
  /** Where the files are when we hold none of them: the source, followed through versions. */
  location: string;
}

type FoundHere = Omit<Found, "location">;

const FILES_MAX = 10_000;

/** The id that 32 hex digits, with MLflow's prefix or without, stand for. */
export const uuidOf = (hex: string) =>
  hex
    .replace(/^m-/, "")
    .toLowerCase()
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

/**
 * The files a source names, with the run and the logged model they came from. Throws not_found for
 * a run, logged model or version that is not in this workspace.
 */
export async function findFiles(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  source: Source,
  text: string,
): Promise<Found> {
  switch (source.kind) {
    case "run":
      return { location: text, ...(await ofRun(tx, ctx, uuidOf(source.runId), source.path)) };
    case "loggedModel":
      return {
        location: text,
        ...(await ofLoggedModel(tx, ctx, uuidOf(source.modelId), source.path)),
      };
    case "version":
      return { location: text, ...(await ofVersion(tx, ctx, source)) };
    case "elsewhere":
      return { files: [], runId: null, loggedModelId: null, location: text };
  }
}

async function ofRun(
  tx: Transaction,
  { workspaceId }: Pick<Context, "workspaceId">,
  runId: string,
  path: string,
): Promise<FoundHere> {
  const [run] = await tx
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.workspaceId, workspaceId), eq(runs.id, runId), isNull(runs.deletedAt)));
  if (!run) throw notFound("The run of the source");
  const own = and(eq(runArtifacts.workspaceId, workspaceId), eq(runArtifacts.runId, runId));
  const files = await filesIn(tx, runArtifacts, own, path);
  if (files.length > 0) return { files, runId, loggedModelId: null };
  // Newer clients keep a run's models beside its files; the path is the model's name then.
  const [model] = await tx
    .select({ id: loggedModels.id })
    .from(loggedModels)
    .where(
      and(
        eq(loggedModels.workspaceId, workspaceId),
        eq(loggedModels.sourceRunId, runId),
        eq(loggedModels.name, path),
        isNull(loggedModels.deletedAt),
      ),
    )
    .orderBy(sql`${loggedModels.createdAt} desc`)
    .limit(1);
  if (model) return ofLoggedModel(tx, { workspaceId }, model.id, "");
  return { files: [], runId, loggedModelId: null };
}

async function ofLoggedModel(
  tx: Transaction,
  { workspaceId }: Pick<Context, "workspaceId">,
  modelId: string,
  path: string,
): Promise<FoundHere> {
  const [model] = await tx
    .select({ id: loggedModels.id, runId: loggedModels.sourceRunId })
    .from(loggedModels)
    .where(
      and(
        eq(loggedModels.workspaceId, workspaceId),
        eq(loggedModels.id, modelId),
        isNull(loggedModels.deletedAt),
      ),
    );
  if (!model) throw notFound("The logged model of the source");
  const table = loggedModelArtifacts;
  const own = and(eq(table.workspaceId, workspaceId), eq(table.modelId, modelId));
  const files = await filesIn(tx, table, own, path);
  return { files, runId: model.runId, loggedModelId: model.id };
}

/** A copy of a version has the same files, or points to the same place. */
async function ofVersion(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  source: Source & { kind: "version" },
): Promise<FoundHere & Partial<Found>> {
  const model = await getModelInWorkspace(tx, ctx, EXACT_NAME + source.name);
  const version = await getVersionInWorkspace(tx, ctx, model, source.version);
  const table = modelVersionArtifacts;
  const own = and(eq(table.workspaceId, ctx.workspaceId), eq(table.versionId, version.id));
  return {
    files: await filesIn(tx, table, own, ""),
    runId: version.runId,
    loggedModelId: version.sourceModelId,
    ...(version.sourceLocation ? { location: version.sourceLocation } : {}),
  };
}

type FileTable = PgTable & { path: PgColumn; sha256: PgColumn; sizeBytes: PgColumn };

async function filesIn(
  tx: Transaction,
  table: FileTable,
  own: SQL | undefined,
  folder: string,
): Promise<SourceFile[]> {
  const prefix = folder === "" ? "" : `${folder}/`;
  const name = folder.slice(folder.lastIndexOf("/") + 1);
  const rows = await tx
    .select({
      path: sql<string>`case when ${table.path} = ${folder} then ${name} else substr(${table.path}, ${[...prefix].length + 1}::int) end`,
      sha256: sql<string>`${table.sha256}`,
      sizeBytes: sql`${table.sizeBytes}`.mapWith(Number),
    })
    .from(table)
    // A source may name one file alone.
    .where(and(own, sql`(starts_with(${table.path}, ${prefix}) or ${table.path} = ${folder})`))
    .orderBy(table.path)
    .limit(FILES_MAX + 1);
  if (rows.length > FILES_MAX) {
    throw invalid(`The source holds more than ${FILES_MAX} files.`);
  }
  return rows;
}
