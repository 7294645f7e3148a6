import { z } from "zod";
import type { Database } from "@/db/client";
import { formatOf } from "@/server/registry";
import type { Environment } from "../constants";
import { resourcesOf } from "../settings/resources";
import { deploymentSettings } from "../settings/settings";
import type { DesiredScale, ScaledVersion } from "./backend";
import type { ScalingFacts } from "./decide";

interface Row {
  workspace_id: string;
  deployment_id: string;
  name: string;
  environment: string;
  settings: unknown;
  min_replicas: number;
  max_replicas: number;
  scaled_replicas: number | null;
  rolling_out: boolean;
  surge: number;
  versions: (Omit<ScaledVersion, "format"> & { path: string | null })[];
  idle_ms: number;
  panic_ms: number | null;
  panic_replicas: number;
  ready: number | null;
  stable_concurrency: number | null;
  panic_concurrency: number | null;
  stable_rps: number | null;
  panic_rps: number | null;
}

/** A live deployment, what it should have, and what is known to decide on that. */
export interface LiveDeployment {
  desired: DesiredScale;
  settings: z.output<typeof deploymentSettings>["scaling"];
  /** Without what the backend knows; null for one that is scaled by hand. */
  facts: Omit<ScalingFacts, "capacity"> | null;
  concurrency: number;
  requestsPerSecond: number;
}

/** Every live deployment of all workspaces. `nowMs` is the clock that panics are told by. */
export async function readScalingState(db: Database, nowMs: number): Promise<LiveDeployment[]> {
  const { rows } = await db.pool.query<Row>({
    name: "scaling_state",
    text: "select * from scaling_state()",
  });
  return rows.map((row) => toLive(row, nowMs));
}

function toLive(row: Row, nowMs: number): LiveDeployment {
  const parsed = z.safeParse(deploymentSettings, row.settings).data;
  const { scaling, placement } = parsed ?? deploymentSettings.parse({});
  const isRate = scaling.metric === "rps";
  const current = row.scaled_replicas;
  return {
    desired: desiredOf(row, placement.nodeSelector, scaling),
    settings: scaling,
    facts:
      current === null
        ? null
        : {
            current,
            stable: (isRate ? row.stable_rps : row.stable_concurrency) ?? 0,
            panic: (isRate ? row.panic_rps : row.panic_concurrency) ?? 0,
            ready: row.ready ?? current,
            idleSeconds: row.idle_ms / 1_000,
            isRollingOut: row.rolling_out,
            panicState: {
              sinceMs: row.panic_ms === null ? null : nowMs - row.panic_ms,
              replicas: row.panic_replicas,
            },
          },
    concurrency: row.panic_concurrency ?? 0,
    requestsPerSecond: row.panic_rps ?? 0,
  };
}

const desiredOf = (
  row: Row,
  nodeSelector: Record<string, string>,
  { resources }: LiveDeployment["settings"],
): DesiredScale => ({
  workspaceId: row.workspace_id,
  deploymentId: row.deployment_id,
  name: row.name,
  environment: row.environment as Environment,
  versions: row.versions.map(({ path, ...one }) => ({ ...one, format: formatOf(path ?? "") })),
  replicas: row.scaled_replicas ?? row.max_replicas,
  min: row.min_replicas,
  max: row.max_replicas,
  surge: row.scaled_replicas === 0 ? 0 : row.surge,
  isAutomatic: row.scaled_replicas !== null,
  resources: resourcesOf(resources, nodeSelector),
  labels: {
    "modelyard/workspace": row.workspace_id,
    "modelyard/deployment": row.deployment_id,
    "modelyard/environment": row.environment,
  },
  nodeSelector,
});
