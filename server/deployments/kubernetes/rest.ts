import { defineRoute } from "@/server/protocols/rest/contract";
import { deploymentParams } from "../schemas";
import { exportDeployment } from "./export-deployment";
import { exportQuery, manifestList } from "./schemas";

const YAML = "application/yaml";

export const kubernetesRoutes = [
  defineRoute({
    method: "get",
    path: "/deployments/{deployment}/kubernetes",
    operationId: "exportDeploymentToKubernetes",
    summary: "The objects that run a deployment's nodes in a Kubernetes cluster",
    description:
      "A List in JSON, or documents of YAML where the Accept header asks for application/yaml; kubectl takes both. Secrets are named, never held.",
    tag: "Deployments",
    permission: "deployments:read",
    params: deploymentParams,
    query: exportQuery,
    status: 200,
    reply: manifestList,
    handler: async ({ ctx, params, query, http }) => {
      const { list, yaml, fileName } = await exportDeployment(ctx, { ...query, ...params });
      if (!asksForYaml(http.req.header("accept"))) return list;
      return new Response(yaml, {
        headers: {
          "content-type": `${YAML}; charset=utf-8`,
          "content-disposition": `attachment; filename="${fileName}"`,
          vary: "accept",
        },
      });
    },
  }),
];

/** Any of the names YAML goes by. */
const asksForYaml = (accept: string | undefined): boolean =>
  /\b(application|text)\/(x-)?yaml\b/.test(accept ?? "");
