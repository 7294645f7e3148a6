export { countImported, type StoredCounts } from "./count-imported";
export { createImportJob, type ImportJob, onePiece } from "./import-job";
export { importTracking } from "./import-tracking";
export { createSourceClient, type SourceClient, SourceError } from "./source-client";
