import { NodePool } from "@/server/deployments";
import { followNodes } from "@/server/deployments/nodes/follow-nodes";
import { silent } from "../../deployments/support/deployed-world";
import {
  type PredictionServer,
  startPredictionServer,
} from "../../predictions/support/prediction-server";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../../support/workspace";
import { NODE_TOKEN } from "./python-node";

export interface PythonWorld extends TestWorld {
  pool: NodePool;
  server: PredictionServer;
}

/** A product whose nodes are those that register with it. */
export async function createPythonWorld(): Promise<PythonWorld> {
  const world = await createTestWorld();
  const pool = new NodePool({
    urls: [],
    token: NODE_TOKEN,
    objects: world.objects,
    log: silent,
    inferTimeoutMs: 60_000,
  }).start();
  pool.followed = followNodes(world.db, pool, silent);
  const server = await startPredictionServer(world, pool);
  return {
    ...world,
    pool,
    server,
    workspace: async (slug): Promise<TestWorkspace> => {
      const workspace = await world.workspace(slug);
      workspace.as("admin").ports.nodes = pool;
      return workspace;
    },
    close: async () => {
      await server.close();
      await pool.close();
      await world.close();
    },
  };
}
