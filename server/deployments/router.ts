import { procedure, router } from "@/server/trpc/init";
import {
  abortRollOut,
  deleteDeployment,
  deployVersion,
  getDeployment,
  getDeploymentHealth,
  getDeploymentMetrics,
  getDeploymentScaling,
  getDeploymentSettings,
  getRollOut,
  listDeploymentEvents,
  listDeployments,
  listRollOuts,
  pauseRollOut,
  promoteRollOut,
  resumeRollOut,
  rollBackDeployment,
  scaleDeployment,
  setTraffic,
  updateDeploymentSettings,
} from "./index";
import { exportDeployment } from "./kubernetes/export-deployment";
import { exportInput } from "./kubernetes/schemas";
import { metricsInput } from "./metrics/schemas";
import {
  changeRollOutInput,
  listRollOutsInput,
  promoteInput,
  rollOutParams,
  setTrafficInput,
} from "./roll-outs/schemas";
import { scalingInput } from "./scaling/schemas";
import {
  deployInput,
  deploymentParams,
  listDeploymentsInput,
  listEventsInput,
  rollBackInput,
  scaleInput,
} from "./schemas";
import { updateSettingsInput } from "./settings/schemas";

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
  scaling: procedure("deployments:read")
    .input(scalingInput)
    .query(({ ctx, input }) => getDeploymentScaling(ctx.context, input)),
  scale: procedure("deployments:write")
    .input(scaleInput)
    .mutation(({ ctx, input }) => scaleDeployment(ctx.context, input)),
  rollback: procedure("deployments:write")
    .input(rollBackInput)
    .mutation(({ ctx, input }) => rollBackDeployment(ctx.context, input)),
  setTraffic: procedure("deployments:write")
    .input(setTrafficInput)
    .mutation(({ ctx, input }) => setTraffic(ctx.context, input)),
  listRollOuts: procedure("deployments:read")
    .input(listRollOutsInput)
    .query(({ ctx, input }) => listRollOuts(ctx.context, input)),
  getRollOut: procedure("deployments:read")
    .input(rollOutParams)
    .query(({ ctx, input }) => getRollOut(ctx.context, input)),
  pauseRollOut: procedure("deployments:write")
    .input(changeRollOutInput)
    .mutation(({ ctx, input }) => pauseRollOut(ctx.context, input)),
  resumeRollOut: procedure("deployments:write")
    .input(changeRollOutInput)
    .mutation(({ ctx, input }) => resumeRollOut(ctx.context, input)),
  promoteRollOut: procedure("deployments:write")
    .input(promoteInput)
    .mutation(({ ctx, input }) => promoteRollOut(ctx.context, input)),
  abortRollOut: procedure("deployments:write")
    .input(changeRollOutInput)
    .mutation(({ ctx, input }) => abortRollOut(ctx.context, input)),
  delete: procedure("deployments:write")
    .input(deploymentParams)
    .mutation(({ ctx, input }) => deleteDeployment(ctx.context, input)),
  settings: procedure("deployments:read")
    .input(deploymentParams)
    .query(({ ctx, input }) => getDeploymentSettings(ctx.context, input)),
  updateSettings: procedure("deployments:write")
    .input(updateSettingsInput)
    .mutation(({ ctx, input }) => updateDeploymentSettings(ctx.context, input)),
  kubernetes: procedure("deployments:read")
    .input(exportInput)
    .query(({ ctx, input }) => exportDeployment(ctx.context, input)),
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
