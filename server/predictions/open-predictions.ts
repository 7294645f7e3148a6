import type { NodePool } from "@/server/deployments";
import type { Runtime } from "@/server/runtime";
import { Explainer } from "./explain";
import { PredictionGateway } from "./gateway/gateway";
import { createPredictionPort } from "./gateway/prediction-port";

/** Gives the web process its gateway: the lane is made from it, verbs find it in the ports. */
export async function openPredictions(
  runtime: Pick<Runtime, "db" | "ports" | "log" | "jobContext">,
  nodes: NodePool,
): Promise<PredictionGateway> {
  const { db, ports, log, jobContext } = runtime;
  const explainer = new Explainer({ db, ports });
  const gateway = new PredictionGateway({ db, nodes, log, explainer, jobContext });
  ports.predictions = createPredictionPort(gateway);
  return gateway.start();
}
