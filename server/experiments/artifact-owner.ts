import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { loggedModelArtifacts, runArtifacts, traceArtifacts } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { getRunInWorkspace, refuseRunKey } from "./internal";
import { getLoggedModelInWorkspace } from "./logged-model-internal";
import { getTraceInWorkspace } from "./traces/internal";

/** Whose files: those of a run, of a model logged from one, or of a trace. */
export type ArtifactOwner = { kind: "run" | "model" | "trace"; id: string };

/** What the trail calls an owner. */
export const SUBJECTS = { run: "run", model: "logged_model", trace: "trace" } as const;

/** Where an owner keeps its files, once it is known to exist and to be in reach of the caller. */
export interface ArtifactHome {
  owner: ArtifactOwner;
  table: typeof runArtifacts | typeof loggedModelArtifacts | typeof traceArtifacts;
  /** The rows of this owner. */
  own: SQL | undefined;
}

/** Throws not_found; conflict for a deleted owner when `active` is asked for. */
export async function getArtifactHome(
  tx: Transaction,
  ctx: Context,
  owner: ArtifactOwner,
  options: { active?: boolean } = {},
): Promise<ArtifactHome> {
  if (owner.kind === "run") {
    const { id } = await getRunInWorkspace(tx, ctx, owner.id, options);
    const table = runArtifacts;
    const own = and(eq(table.workspaceId, ctx.workspaceId), eq(table.runId, id));
    return { owner: { kind: "run", id }, table, own };
  }
  if (owner.kind === "trace") {
    refuseRunKey(ctx);
    const { id } = await getTraceInWorkspace(tx, ctx, owner.id);
    const table = traceArtifacts;
    const own = and(eq(table.workspaceId, ctx.workspaceId), eq(table.traceId, id));
    return { owner: { kind: "trace", id }, table, own };
  }
  const { id } = await getLoggedModelInWorkspace(tx, ctx, owner.id);
  const table = loggedModelArtifacts;
  const own = and(eq(table.workspaceId, ctx.workspaceId), eq(table.modelId, id));
  return { owner: { kind: "model", id }, table, own };
}

/** Rows at or below a folder; the whole tree for an empty path. */
export function below(home: ArtifactHome, folder: string): SQL | undefined {
  return folder === ""
    ? home.own
    : and(home.own, sql`starts_with(${home.table.path}, ${`${folder}/`})`);
}
