import { performance } from "node:perf_hooks";
import { AppError, asAppError, ERRORS } from "@/server/kernel/errors";
import type { Ports, PredictionPort } from "@/server/kernel/ports";
import type { PredictionGateway } from "./gateway";
import { predictText } from "./predict-text";

/** The gateway for callers inside the process; over HTTP the prediction lane does the same. */
export function createPredictionPort(gateway: PredictionGateway): PredictionPort {
  return {
    predict: async ({ workspaceId, requestId }, target, body) => {
      const startedMs = performance.now();
      const bodyBytes = Buffer.byteLength(JSON.stringify(body) ?? "");
      const call = { workspaceId, requestId, target, body, bodyBytes, startedMs };
      let status = 200;
      try {
        return JSON.parse((await predictText(gateway, call)).text);
      } catch (error) {
        const known = asAppError(error);
        status = ERRORS[known?.code ?? "internal"].status;
        throw known ?? error;
      } finally {
        gateway.metrics.observe("rest", status, performance.now() - startedMs);
      }
    },
  };
}

/** The gateway of this process. Throws unavailable where there is none. */
export function predictionsOf({ predictions }: Ports): PredictionPort {
  if (predictions) return predictions;
  throw new AppError("unavailable", "This process answers no predictions.");
}
