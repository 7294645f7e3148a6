import { procedure, router } from "@/server/trpc/init";
import {
  deleteDeployment,
  deployVersion,
  getDeployment,
  getDeploymentHealth,
  getDeploymentMetrics,
  listDeploymentEvents,
  listDeployments,
  rollBackDeployment,
} from "./index";
import {
  deployInput,
  deploymentParams,
  listDeploymentsInput,
  listEventsInput,
  metricsInput,
} from "./schemas";

export const deploymentsRouter = router({
  list: procedure("deployments:read")
    .input(listDeploymentsInput)
    .query(({ ctx, input }) => listDeployments(ctx.context, input)),
  get: procedure("deployments:read")
    .input(deploymentParams)
    .query(({ ctx, input }) => getDeployment(ctx.context, input)),
  deploy: procedure("deployments:write")
    .input(deployInput)
    .mutation(({ ctx, input }) => deployVersion(ctx.context, input)),
  rollback: procedure("deployments:write")
    .input(deploymentParams)
    .mutation(({ ctx, input }) => rollBackDeployment(ctx.context, input)),
  delete: procedure("deployments:write")
    .input(deploymentParams)
    .mutation(({ ctx, input }) => deleteDeployment(ctx.context, input)),
  health: procedure("deployments:read")
    .input(deploymentParams)
    .query(({ ctx, input }) => getDeploymentHealth(ctx.context, input)),
  listEvents: procedure("deployments:read")
    .input(listEventsInput)
    .query(({ ctx, input }) => listDeploymentEvents(ctx.context, input)),
  metrics: procedure("deployments:read")
    .input(metricsInput)
    .query(({ ctx, input }) => getDeploymentMetrics(ctx.context, input)),
});
