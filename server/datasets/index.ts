export { createDataset } from "./create-dataset";
export { type DatasetGuard, datasetGuards, deleteDataset } from "./delete-dataset";
export { getDataset } from "./get-dataset";
export { type DatasetRow, getDatasetInWorkspace } from "./internal";
export { listDatasetVersions } from "./list-dataset-versions";
export { listDatasets } from "./list-datasets";
export { type DatasetContent, downloadDataset, openDatasetContent } from "./open-dataset-content";
export { previewDataset } from "./preview-dataset";
export { readDatasetRows } from "./read-dataset-rows";
export { parquetToCsv } from "./scan/convert-result";
export { type DatasetScan, openDatasetScan } from "./scan/open-scan";
export type {
  AnswerShape,
  RowFailure,
  ScanAnswers,
  ScanColumn,
  ScanInput,
  ScanRows,
} from "./scan/protocol";
export { mayFeed } from "./scan/row-checks";
export type { DatasetColumn, DatasetDto, DatasetPreview, DatasetSummary } from "./schemas";
export { stageFile } from "./stage-file";
