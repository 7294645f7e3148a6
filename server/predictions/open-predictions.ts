import type { NodePool } from "@/server/deployments";
import type { Runtime } from "@/server/runtime";
import { Explainer } from "./explain";
import { PredictionGateway } from "./gateway/gateway";
import { createPredictionPort } from "./gateway/prediction-port";
import { registerBatchRows } from "./jobs/batch-metrics";

/**
 * Gives the web process its gateway: the lane is made from it, verbs find it in the ports. With
 * `namedMetrics` its metrics tell names of deployments, which not everybody may read.
 */
export async function openPredictions(
  runtime: Pick<Runtime, "db" | "ports" | "log" | "jobContext">,
  nodes: NodePool,
  { namedMetrics = false } = {},
): Promise<PredictionGateway> {
  const { db, ports, log, jobContext } = runtime;
  const explainer = new Explainer({ db, ports });
  const gateway = new PredictionGateway({ db, nodes, log, explainer, jobContext, namedMetrics });
  ports.predictions = createPredictionPort(gateway);
  registerBatchRows(gateway.metrics.registry, db.pool, { named: namedMetrics });
  return gateway.start();
}
