import type { Context } from "@/server/kernel/context";
import { getVersion, requestStage } from "@/server/registry";
import { asOwner } from "../support/database";
import type { TestWorld } from "../support/workspace";

type Ref = { model: string; version: string };

export const stageOf = async (ctx: Context, { model, version }: Ref) =>
  (await getVersion(ctx, { model, version })).stage;

/** A version as requests name it. */
export const ask1 = ({ model, version }: Ref): Ref => ({ model, version });

/** What the outbox of a workspace holds under a name, oldest first. */
export const events = (world: TestWorld, workspaceId: string, name: string) =>
  asOwner<{ data: Record<string, unknown> }>(
    world.db.ownerUrl,
    "select data from outbox where workspace_id = $1 and name = $2 order by id",
    [workspaceId, name],
  );

/** Asks for production and answers the request's id. */
export async function ask(ctx: Context, { model, version }: Ref, comment = ""): Promise<string> {
  const { approval } = await requestStage(ctx, { model, version, stage: "production", comment });
  if (!approval) throw new Error("nothing waits");
  return approval.id;
}
