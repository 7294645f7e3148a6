import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import { asOwner } from "../support/database";
import type { TestWorkspace, TestWorld } from "../support/workspace";

/** A person who is a member, and a context of theirs; `role` may be a custom one with `allows`. */
export async function memberContext(
  world: TestWorld,
  workspace: TestWorkspace,
  role: string,
  name = `${role} person`,
): Promise<Context & { userId: string }> {
  const userId = newId();
  await asOwner(world.db.ownerUrl, "insert into users (id, name) values ($1, $2)", [userId, name]);
  await joinWorkspace(world, workspace, userId, role);
  const ctx = workspace.as("viewer");
  return { ...ctx, actor: { type: "user", userId, name, role }, userId };
}

export const joinWorkspace = (
  world: TestWorld,
  workspace: { id: string },
  userId: string,
  role: string,
) =>
  asOwner(
    world.db.ownerUrl,
    "insert into members (workspace_id, user_id, role) values ($1, $2, $3)",
    [workspace.id, userId, role],
  );

/** What the audit trail of a workspace says, oldest first. */
export async function auditActions(world: TestWorld, workspaceId: string): Promise<string[]> {
  const rows = await asOwner<{ action: string }>(
    world.db.ownerUrl,
    "select action from audit_log where workspace_id = $1 order by seq",
    [workspaceId],
  );
  return rows.map(({ action }) => action);
}
