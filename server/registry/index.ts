export { expireApproval } from "./approvals/expire-approval";
export { getApproval } from "./approvals/get-approval";
export { requestStage } from "./approvals/request-stage";
export { compareVersions } from "./compare-versions";
export { createModel } from "./create-model";
export { deleteModel, type ModelDeletionGuard, modelDeletionGuards } from "./delete-model";
export { getModel } from "./get-model";
export { getVersion } from "./get-version";
export {
  getModelInWorkspace,
  getVersionInWorkspace,
  type ModelRow,
  type VersionRow,
} from "./internal";
export type { LineageGraph } from "./lineage/schemas";
export { type LineageSource, lineageSources } from "./lineage/step-down";
export { versionLineage } from "./lineage/version-lineage";
export { listModels } from "./list-models";
export { listVersions } from "./list-versions";
export { registerVersion } from "./register-version";
export type {
  ModelDto,
  VersionArtifact,
  VersionDto,
  VersionSummary,
} from "./schemas";
export { listStages } from "./stages/list-stages";
export { fromMlflowStage, toMlflowStage } from "./stages/mlflow-stages";
export { updateModel } from "./update-model";
export { updateVersion } from "./update-version";
export { downloadVersionArtifact, listVersionArtifacts } from "./version-artifacts";
