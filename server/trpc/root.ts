import { accessRouter } from "@/server/access/router";
import { datasetsRouter } from "@/server/datasets/router";
import { nodesRouter } from "@/server/deployments/nodes/router";
import { deploymentsRouter } from "@/server/deployments/router";
import { experimentsRouter } from "@/server/experiments/router";
import { liveRouter } from "@/server/live/router";
import { predictionsRouter } from "@/server/predictions/router";
import { privacyRouter } from "@/server/privacy/router";
import { registryRouter } from "@/server/registry/router";
import { trainingRouter } from "@/server/training/router";
import { webhooksRouter } from "@/server/webhooks/router";
import { router } from "./init";

export const appRouter = router({
  access: accessRouter,
  datasets: datasetsRouter,
  deployments: deploymentsRouter,
  experiments: experimentsRouter,
  live: liveRouter,
  nodes: nodesRouter,
  predictions: predictionsRouter,
  privacy: privacyRouter,
  registry: registryRouter,
  training: trainingRouter,
  webhooks: webhooksRouter,
});

/** The type internal tools hand to @trpc/client. */
export type AppRouter = typeof appRouter;
