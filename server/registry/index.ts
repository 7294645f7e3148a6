export { deleteAlias } from "./aliases/delete-alias";
export { setAlias } from "./aliases/set-alias";
export { expireApproval } from "./approvals/expire-approval";
export { getApproval } from "./approvals/get-approval";
export { requestStage } from "./approvals/request-stage";
export { failBenchmark, finishBenchmark } from "./benchmarks/end-benchmark";
export { getBenchmark } from "./benchmarks/list-benchmarks";
export { runBenchmarkVersion } from "./benchmarks/run-version";
export { compareVersions } from "./compare-versions";
export { createModel } from "./create-model";
export { createRegisteredModel } from "./create-registered-model";
export { deleteModel, type ModelDeletionGuard, modelDeletionGuards } from "./delete-model";
export {
  deleteVersion,
  type VersionDeletionGuard,
  versionDeletionGuards,
} from "./delete-version";
export { remoteModelOf } from "./external/internal";
export {
  openCredential,
  openRemote,
  type RemoteAccess,
  type RemoteCaller,
} from "./external/open-remote";
export { getModel } from "./get-model";
export { getVersion } from "./get-version";
export { importModels } from "./import/import-models";
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
export { formatOf, noNodeFor } from "./model-format";
export { registerVersion } from "./register-version";
export { renameRegisteredModel } from "./rename-registered-model";
export type {
  ModelDto,
  VersionArtifact,
  VersionDto,
  VersionSummary,
} from "./schemas";
export { getRegisteredModel } from "./search/get-registered-model";
export { getRegisteredVersion } from "./search/get-registered-version";
export { latestVersions } from "./search/latest-versions";
export type { RegisteredModelDto, RegisteredVersionDto } from "./search/schemas";
export { searchRegisteredModels } from "./search/search-registered-models";
export { searchRegisteredVersions } from "./search/search-registered-versions";
export { adoptLogged } from "./signatures/adopt-logged";
export { adoptNative } from "./signatures/adopt-native";
export { signatureUsers } from "./signatures/signature-users";
export { attachOnnx, type OnnxFacts } from "./sources/attach-onnx";
export { type NativeSource, nativeSource } from "./sources/native-source";
export { registerFromSource } from "./sources/register-from-source";
export { listStages } from "./stages/list-stages";
export { fromMlflowStage, toMlflowStage } from "./stages/mlflow-stages";
export { deleteModelTag } from "./tags/delete-model-tag";
export { deleteVersionTag } from "./tags/delete-version-tag";
export { setModelTag } from "./tags/set-model-tag";
export { setVersionTag } from "./tags/set-version-tag";
export { updateModel } from "./update-model";
export { updateVersion } from "./update-version";
export { checkUpload } from "./uploads/check-upload";
export { downloadVersionArtifact, listVersionArtifacts } from "./version-artifacts";
export { listVersionFolder, openVersionFile } from "./version-files";
