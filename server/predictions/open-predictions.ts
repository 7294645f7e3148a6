import type { NodePool } from "@/server/deployments";
import type { Runtime } from "@/server/runtime";
import { PredictionGateway } from "./gateway/gateway";
import { createPredictionPort } from "./gateway/prediction-port";

/** Gives the web process its gateway: the lane is made from it, verbs find it in the ports. */
export async function openPredictions(
  runtime: Pick<Runtime, "db" | "ports" | "log">,
  nodes: NodePool,
): Promise<PredictionGateway> {
  const gateway = new PredictionGateway({ db: runtime.db, nodes, log: runtime.log });
  runtime.ports.predictions = createPredictionPort(gateway);
  return gateway.start();
}
