import { sql } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { nodesOf } from "./load-version";

/**
 * Takes versions of a deployment off the inference nodes that no deployment serves, loads, or would
 * bring back by a rollback. Writes nothing of ours, so repeating it is harmless.
 */
export async function unloadIdleVersions(
  ctx: Context,
  deploymentId: string,
): Promise<{ unloaded: string[] }> {
  requirePermission(ctx, "deployments:write");
  const idle = await withWorkspace(ctx, async (tx) => {
    const { rows } = await tx.execute<{ version_id: string }>(sql`
      select distinct v.version_id from deployment_variants v
      where v.workspace_id = ${ctx.workspaceId} and v.deployment_id = ${deploymentId}
        and v.status in ('retired', 'failed')
        and not exists (
          select from deployment_variants o
          join deployments d on d.workspace_id = o.workspace_id and d.id = o.deployment_id
          where o.workspace_id = v.workspace_id and o.version_id = v.version_id
            and d.deleted_at is null and (o.status in ('active', 'loading') or o.id = (
              select p.id from deployment_variants p
              where p.workspace_id = d.workspace_id and p.deployment_id = d.id
                and p.status = 'retired' and p.activated_at is not null
              order by p.retired_at desc, p.created_at desc, p.id desc limit 1)))`);
    return rows.map((row) => row.version_id);
  });
  for (const versionId of idle) {
    await nodesOf(ctx).unload({ workspaceId: ctx.workspaceId, versionId });
  }
  return { unloaded: idle };
}
