/** What a field holds: a scalar, an enum, or an object of a type; `[…]` for a list. */
type Fields = Record<string, string>;

const split = (text: string): Fields =>
  Object.fromEntries(
    text.split(" ").map((one) => {
      const [name = "", type = "String"] = one.split(":");
      return [name, type];
    }),
  );

const ENTRY = split("key value");

/** MLflow's schema (mlflow/server/graphql); a field without a type is text, Long is a number as text. */
export const TYPES: Record<string, Fields> = {
  Test: split("output"),
  MlflowGetExperimentResponse: split("experiment:MlflowExperiment apiError:ApiError"),
  MlflowExperiment: split(
    "experimentId name artifactLocation lifecycleStage lastUpdateTime:Long creationTime:Long tags:[MlflowExperimentTag]",
  ),
  MlflowExperimentTag: ENTRY,
  MlflowGetRunResponse: split("run:MlflowRun apiError:ApiError"),
  MlflowSearchRunsResponse: split("runs:[MlflowRun] nextPageToken apiError:ApiError"),
  MlflowRun: split(
    "info:MlflowRunInfo data:MlflowRunData inputs:MlflowRunInputs outputs:MlflowRunOutputs experiment:MlflowExperiment modelVersions:[MlflowModelVersion]",
  ),
  MlflowRunInfo: split(
    "runId runUuid runName experimentId userId status:Enum startTime:Long endTime:Long artifactUri lifecycleStage",
  ),
  MlflowRunData: split("metrics:[MlflowMetric] params:[MlflowParam] tags:[MlflowRunTag]"),
  MlflowMetric: split(
    "key value:Float timestamp:Long step:Long datasetName datasetDigest modelId runId",
  ),
  MlflowParam: ENTRY,
  MlflowRunTag: ENTRY,
  MlflowRunInputs: split("datasetInputs:[MlflowDatasetInput] modelInputs:[MlflowModelInput]"),
  MlflowDatasetInput: split("tags:[MlflowInputTag] dataset:MlflowDataset"),
  MlflowInputTag: ENTRY,
  MlflowDataset: split("name digest sourceType source schema profile"),
  MlflowModelInput: split("modelId"),
  MlflowRunOutputs: split("modelOutputs:[MlflowModelOutput]"),
  MlflowModelOutput: split("modelId step:Long"),
  MlflowGetMetricHistoryBulkIntervalResponse: split(
    "metrics:[MlflowMetricWithRunId] apiError:ApiError",
  ),
  MlflowMetricWithRunId: split("key value:Float timestamp:Long step:Long runId"),
  MlflowListArtifactsResponse: split(
    "rootUri files:[MlflowFileInfo] nextPageToken apiError:ApiError",
  ),
  MlflowFileInfo: split("path isDir:Boolean fileSize:Long"),
  MlflowSearchModelVersionsResponse: split(
    "modelVersions:[MlflowModelVersion] nextPageToken apiError:ApiError",
  ),
  MlflowModelVersion: split(
    "name version creationTimestamp:Long lastUpdatedTimestamp:Long userId currentStage description source runId status:Enum statusMessage tags:[MlflowModelVersionTag] runLink aliases:[String] modelId",
  ),
  MlflowModelVersionTag: ENTRY,
  MlflowSearchDatasetsResponse: split("datasetSummaries:[MlflowDatasetSummary] apiError:ApiError"),
  MlflowDatasetSummary: split("experimentId name digest context"),
  ApiError: split("code message helpUrl traceId"),
};

/** The fields that a query begins with: the route that answers each, and the type of its reply. */
export const ROOTS: Record<string, { type: string; method: string; path: string }> = {
  mlflowGetExperiment: {
    type: "MlflowGetExperimentResponse",
    method: "GET",
    path: "/experiments/get",
  },
  mlflowGetRun: { type: "MlflowGetRunResponse", method: "GET", path: "/runs/get" },
  mlflowSearchRuns: { type: "MlflowSearchRunsResponse", method: "POST", path: "/runs/search" },
  mlflowListArtifacts: {
    type: "MlflowListArtifactsResponse",
    method: "GET",
    path: "/artifacts/list",
  },
  mlflowGetMetricHistoryBulkInterval: {
    type: "MlflowGetMetricHistoryBulkIntervalResponse",
    method: "GET",
    path: "/metrics/get-history-bulk-interval",
  },
  mlflowSearchModelVersions: {
    type: "MlflowSearchModelVersionsResponse",
    method: "GET",
    path: "/model-versions/search",
  },
  mlflowSearchDatasets: {
    type: "MlflowSearchDatasetsResponse",
    method: "POST",
    path: "/experiments/search-datasets",
  },
};
