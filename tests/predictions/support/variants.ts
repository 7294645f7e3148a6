import { ROUTING_CHANNEL } from "@/server/deployments";
import { newId } from "@/server/kernel/ids";
import { asOwner } from "../../support/database";
import type { TestWorld } from "../../support/workspace";

export interface VariantToAdd {
  versionId: string;
  name: string;
  weight: number;
  role?: "stable" | "candidate" | "shadow";
}

/** Puts a variant into a deployment as a finished roll-out step would; the others share the rest. */
export async function addVariant(
  world: TestWorld,
  deploymentId: string,
  { versionId, name, weight, role = "candidate" }: VariantToAdd,
): Promise<string> {
  const id = newId();
  const sql = (text: string, values: unknown[]) => asOwner(world.db.ownerUrl, text, values);
  await sql(
    `update deployment_variants set weight = weight - $2
     where deployment_id = $1 and status = 'active' and role = 'stable'`,
    [deploymentId, weight],
  );
  await sql(
    `insert into deployment_variants (workspace_id, id, deployment_id, version_id, name, role, weight, status, activated_at)
     select workspace_id, $2, id, $3, $4, $5, $6, 'active', now() from deployments where id = $1`,
    [deploymentId, id, versionId, name, role, weight],
  );
  await announce(world);
  return id;
}

/** Writes settings as they stand in the table, and tells the gateways. */
export async function setSettings(
  world: TestWorld,
  deploymentId: string,
  settings: unknown,
): Promise<void> {
  await asOwner(world.db.ownerUrl, "update deployments set settings = $2::jsonb where id = $1", [
    deploymentId,
    JSON.stringify(settings),
  ]);
  await announce(world);
}

const announce = (world: TestWorld) =>
  asOwner(world.db.ownerUrl, `select pg_notify('${ROUTING_CHANNEL}', '')`);
