export type { ArtifactOwner } from "./artifact-owner";
export { createExperiment } from "./create-experiment";
export { createLoggedModel } from "./create-logged-model";
export { createRun, createRunInTransaction } from "./create-run";
export { deleteExperiment } from "./delete-experiment";
export { deleteExperimentTag } from "./delete-experiment-tag";
export { deleteLoggedModel } from "./delete-logged-model";
export { deleteRun } from "./delete-run";
export { deleteRunArtifacts } from "./delete-run-artifacts";
export { deleteTag } from "./delete-tag";
export { artifactPathProblem } from "./entry-names";
export {
  createEvaluationDataset,
  deleteEvaluationDataset,
  deleteEvaluationRecords,
  type EvaluationDatasetDto,
  type EvaluationRecordDto,
  getEvaluationDataset,
  linkEvaluationDataset,
  listEvaluationExperiments,
  listEvaluationRecords,
  searchEvaluationDatasets,
  tagEvaluationDataset,
  upsertEvaluationRecords,
} from "./evaluation-datasets";
export {
  type Comparison,
  type ComparisonSql,
  compileFilter,
  type Field,
  type Filter,
  type FilterLanguage,
  MODEL_VERSION_LANGUAGE,
  type Order,
  REGISTERED_MODEL_LANGUAGE,
  testSql,
} from "./filter";
export { getExperiment } from "./get-experiment";
export { getLoggedModel } from "./get-logged-model";
export { getRun } from "./get-run";
export {
  countImported,
  createImportJob,
  createSourceClient,
  type ImportJob,
  importTracking,
  onePiece,
  type SourceClient,
  SourceError,
} from "./import";
export { listExperiments } from "./list-experiments";
export { listMetricPoints } from "./list-metric-points";
export { listRunArtifacts } from "./list-run-artifacts";
export { listRuns } from "./list-runs";
export { logBatch } from "./log-batch";
export { logInputs } from "./log-inputs";
export { logOutputs } from "./log-outputs";
export type { LoggedModelDto } from "./logged-model-schemas";
export { metricHistory } from "./metric-history";
export { openRunArtifact } from "./open-run-artifact";
export { purgeExperiment } from "./purge-experiment";
export { putRunArtifact } from "./put-run-artifact";
export { recordModel } from "./record-model";
export { restoreExperiment } from "./restore-experiment";
export { restoreRun } from "./restore-run";
export { sampleMetricPoints } from "./sample-metric-points";
export {
  checkFilter,
  compareRuns,
  completeFilter,
  groupRuns,
  listColumns,
  searchRunTable,
} from "./search";
export { readFilter, readOrders } from "./search/read-filter";
export { searchDatasetInputs } from "./search-dataset-inputs";
export { searchExperiments } from "./search-experiments";
export { searchLoggedModels } from "./search-logged-models";
export { type FoundRunDto, searchRuns } from "./search-runs";
export { setExperimentTag } from "./set-experiment-tag";
export { setTag } from "./set-tag";
export {
  type AssessmentDto,
  correlateFilters,
  createAssessment,
  deleteAssessment,
  deleteTraces,
  endTrace,
  getAssessment,
  getTrace,
  linkPrompts,
  linkTraces,
  logSpans,
  readTracesWithSpans,
  type SpanInput,
  searchTraces,
  setTraceTag,
  startTrace,
  TRACE_STATES,
  type TraceDto,
  type TraceWithSpans,
  updateAssessment,
} from "./traces";
export { updateExperiment } from "./update-experiment";
export { updateLoggedModel } from "./update-logged-model";
export { updateRun } from "./update-run";
export { abortUpload, completeUpload, putUploadPart, startUpload } from "./uploads";
