import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { actorAllows } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { AppError, notFound } from "@/server/kernel/errors";
import { AWAY_AFTER_MS, type NodeState } from "./constants";
import type { NodeDto } from "./schemas";

interface NodeRow extends Record<string, unknown> {
  id: string;
  url: string;
  labels: Record<string, string>;
  device: string;
  memory_bytes: string;
  models_max: number;
  version: string;
  load: NonNullable<NodeDto["load"]>;
  draining: boolean;
  /** It said after it was asked to that it holds nothing any more. */
  drained: boolean | null;
  registered_at: string;
  seen_at: string | null;
  silent_ms: number;
}

const iso = (time: string): string => new Date(time).toISOString();

function stateOf(row: NodeRow): NodeState {
  if (row.silent_ms > AWAY_AFTER_MS) return "away";
  if (!row.draining) return "ready";
  return row.drained ? "drained" : "draining";
}

const toNodeDto = (row: NodeRow): NodeDto & { id: string } => ({
  id: row.id,
  name: new URL(row.url).host,
  url: row.url,
  state: stateOf(row),
  labels: row.labels,
  device: row.device as NodeDto["device"],
  memoryBytes: Number(row.memory_bytes),
  modelsMax: row.models_max,
  version: row.version,
  load: row.silent_ms > AWAY_AFTER_MS ? null : row.load,
  registeredAt: iso(row.registered_at),
  lastSeenAt: row.seen_at && iso(row.seen_at),
});

/** Every node that registered, by address. They belong to the installation, not to a workspace. */
export async function registeredNodes(tx: Transaction): Promise<(NodeDto & { id: string })[]> {
  const { rows } = await tx.execute<NodeRow>(sql`select * from list_nodes()`);
  return rows.map(toNodeDto);
}

/** Throws not_found. */
export async function getNodeById(tx: Transaction, id: string) {
  const found = (await registeredNodes(tx)).find((node) => node.id === id);
  if (!found) throw notFound("The node");
  return found;
}

/**
 * Whether the caller runs the nodes: they serve every workspace, so it is the administrators of the
 * installation's first workspace who do.
 */
export async function mayManageNodes(tx: Transaction, ctx: Context): Promise<boolean> {
  if (!actorAllows(ctx.actor, "nodes:write")) return false;
  const { rows } = await tx.execute<{ first: boolean }>(
    sql`select is_first_workspace(${ctx.workspaceId}) as first`,
  );
  return rows[0]?.first === true;
}

/** Throws forbidden unless the caller runs the nodes. */
export async function requireInstallation(tx: Transaction, ctx: Context): Promise<void> {
  if (await mayManageNodes(tx, ctx)) return;
  throw new AppError(
    "forbidden",
    "Nodes serve every workspace: administrators of this installation's first workspace run them.",
    { permission: "nodes:write" },
  );
}
