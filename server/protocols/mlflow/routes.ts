import { artifactRoutes } from "./artifact-routes";
import { assessmentRoutes } from "./assessment-routes";
import { bulkRoutes } from "./bulk-routes";
import type { AnyMlflowRoute } from "./contract";
import { correlationRoutes } from "./correlation-routes";
import { evaluationDatasetRoutes } from "./evaluation-dataset-routes";
import { evaluationRecordRoutes } from "./evaluation-record-routes";
import { experimentRoutes } from "./experiment-routes";
import { loggedModelRoutes } from "./logged-model-routes";
import { metricRoutes } from "./metric-routes";
import { promptlabRoutes } from "./promptlab-routes";
import { registryAliasRoutes } from "./registry-alias-routes";
import { registryModelRoutes } from "./registry-model-routes";
import { registryStageRoutes } from "./registry-stage-routes";
import { registryVersionRoutes } from "./registry-version-routes";
import { runRoutes } from "./run-routes";
import { serverInfoRoutes } from "./server-info-routes";
import { traceRoutes } from "./trace-routes";
import { traceV2Routes } from "./trace-v2-routes";
import { webhookRoutes } from "./webhook-routes";

/** Every MLflow endpoint we answer, below /api/2.0/mlflow. */
export const mlflowRoutes: AnyMlflowRoute[] = [
  ...experimentRoutes,
  ...runRoutes,
  ...metricRoutes,
  ...bulkRoutes,
  ...artifactRoutes,
  ...loggedModelRoutes,
  ...traceRoutes,
  ...traceV2Routes,
  ...assessmentRoutes,
  ...correlationRoutes,
  ...evaluationRecordRoutes,
  ...evaluationDatasetRoutes,
  ...registryModelRoutes,
  ...registryAliasRoutes,
  ...registryVersionRoutes,
  ...registryStageRoutes,
  ...webhookRoutes,
  ...promptlabRoutes,
  ...serverInfoRoutes,
];
