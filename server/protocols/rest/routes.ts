import { accessRoutes } from "@/server/access/rest";
import { auditRoutes } from "@/server/audit/rest";
import { datasetsRoutes } from "@/server/datasets/rest";
import { kubernetesRoutes } from "@/server/deployments/kubernetes/rest";
import { nodesRoutes } from "@/server/deployments/nodes/rest";
import { deploymentsRoutes } from "@/server/deployments/rest";
import { deploymentSettingsRoutes } from "@/server/deployments/settings/rest";
import { experimentsRoutes } from "@/server/experiments/rest";
import { predictionsRoutes } from "@/server/predictions/rest";
import { privacyRoutes } from "@/server/privacy/rest";
import { registryRoutes } from "@/server/registry/rest";
import { conversionRoutes } from "@/server/training/conversions/rest";
import { trainingRoutes } from "@/server/training/rest";
import { webhooksRoutes } from "@/server/webhooks/rest";
import type { AnyRoute } from "./contract";

/** Every REST route of the product, in the order the document shows them. */
export const restRoutes: AnyRoute[] = [
  ...datasetsRoutes,
  ...experimentsRoutes,
  ...registryRoutes,
  ...trainingRoutes,
  ...conversionRoutes,
  ...accessRoutes,
  ...auditRoutes,
  ...deploymentsRoutes,
  ...deploymentSettingsRoutes,
  ...kubernetesRoutes,
  ...nodesRoutes,
  ...predictionsRoutes,
  ...privacyRoutes,
  ...webhooksRoutes,
];
