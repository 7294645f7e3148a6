import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Transaction } from "@/db/client";
import { loggedModels } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { ModelRow, VersionRow } from "../internal";

/** Where MLflow's clients look for the versions a logged model became. */
const VERSIONS_TAG = "mlflow.modelVersions";

const versionList = z.array(z.object({ name: z.string(), version: z.number() })).catch([]);

/** Notes a version on the logged model it was made from. */
export async function linkLoggedModel(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  loggedModelId: string,
  model: Pick<ModelRow, "name">,
  version: Pick<VersionRow, "number">,
): Promise<void> {
  const own = and(
    eq(loggedModels.workspaceId, ctx.workspaceId),
    eq(loggedModels.id, loggedModelId),
  );
  const [row] = await tx
    .select({ tags: loggedModels.tags })
    .from(loggedModels)
    .where(own)
    .for("update");
  const tags = (row?.tags ?? {}) as Record<string, string>;
  const noted = [
    ...readVersions(tags[VERSIONS_TAG]),
    { name: model.name, version: version.number },
  ];
  const tag = JSON.stringify({ [VERSIONS_TAG]: JSON.stringify(noted) });
  await tx
    .update(loggedModels)
    .set({ tags: sql`${loggedModels.tags} || ${tag}::jsonb` })
    .where(own);
}

function readVersions(tag: string | undefined) {
  try {
    return versionList.parse(JSON.parse(tag ?? "[]"));
  } catch {
    return [];
  }
}
