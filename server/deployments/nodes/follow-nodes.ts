import { z } from "zod";
import type { Database } from "@/db/client";
import { listenTo } from "@/db/listen";
import type { Log } from "@/server/kernel/log";
import { nodeLabels } from "../settings/placement";
import { AWAY_AFTER_MS, NODES_CHANNEL } from "./constants";
import type { RegisteredNode } from "./node-facts";
import type { NodePool } from "./node-pool";

/** Changes are told by NOTIFY; silence is noticed by reading, milliseconds. */
const READ_MS = 3_000;
const GIB = 1024 ** 3;

interface Row {
  id: string;
  url: string;
  labels: unknown;
  memory_bytes: string;
  draining: boolean;
  silent_ms: number;
}

/** Keeps a pool on the table of registered nodes; while Postgres is away it stays as it was. */
export function followNodes(
  db: Database,
  pool: NodePool,
  log: Pick<Log, "warn">,
  awayAfterMs = AWAY_AFTER_MS,
): { close: () => Promise<void>; refresh: () => Promise<void> } {
  const read = async (): Promise<void> => {
    const { rows } = await db.pool.query<Row>({
      name: "list_nodes",
      text: "select * from list_nodes()",
    });
    pool.follow(rows.map((row) => toNode(row, awayAfterMs)));
  };
  const refresh = (): Promise<void> =>
    read().catch((error: unknown) => log.warn({ err: error }, "the nodes cannot be read"));
  const listener = listenTo(db.pool, NODES_CHANNEL, refresh, refresh);
  const timer = setInterval(refresh, READ_MS).unref();
  return {
    refresh,
    close: async () => {
      clearInterval(timer);
      await listener.close();
    },
  };
}

const labelsOf = (value: unknown): Record<string, string> =>
  z.safeParse(nodeLabels, value).data ?? {};

const toNode = (row: Row, awayAfterMs: number): RegisteredNode => ({
  id: row.id,
  url: row.url,
  labels: labelsOf(row.labels),
  weight: Math.max(Number(row.memory_bytes) / GIB, 0.1),
  isDraining: row.draining,
  isAway: row.silent_ms > awayAfterMs,
});
