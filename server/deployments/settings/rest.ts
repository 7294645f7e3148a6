import { defineRoute } from "@/server/protocols/rest/contract";
import { getDeploymentSettings, updateDeploymentSettings } from "../index";
import { deploymentParams } from "../schemas";
import { settingsDto, settingsPatch } from "./schemas";

const tag = "Deployments";

export const deploymentSettingsRoutes = [
  defineRoute({
    method: "get",
    path: "/deployments/{deployment}/settings",
    operationId: "getDeploymentSettings",
    summary: "How a deployment routes, batches, logs, is placed and scales",
    tag,
    permission: "deployments:read",
    params: deploymentParams,
    status: 200,
    reply: settingsDto,
    handler: ({ ctx, params }) => getDeploymentSettings(ctx, params),
  }),
  defineRoute({
    method: "patch",
    path: "/deployments/{deployment}/settings",
    operationId: "updateDeploymentSettings",
    summary: "Change settings of a deployment",
    description:
      "A JSON merge patch: what is absent stays as it is, null goes back to the default. Takes effect at once; nothing is loaded again.",
    tag,
    permission: "deployments:write",
    params: deploymentParams,
    body: settingsPatch,
    status: 200,
    reply: settingsDto,
    handler: ({ ctx, params, body }) => updateDeploymentSettings(ctx, { ...body, ...params }),
  }),
];
