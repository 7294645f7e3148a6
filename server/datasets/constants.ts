export const DATASET_FORMATS = ["csv", "parquet"] as const;
export type DatasetFormat = (typeof DATASET_FORMATS)[number];

export const COLUMN_TYPES = ["integer", "number", "boolean", "text", "date", "timestamp"] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

/** A wider table is refused: no page shows it and no trainer takes it. */
export const COLUMNS_MAX = 2_000;
export const COLUMN_NAME_MAX = 256;
/** Bars of a histogram at most. */
export const HISTOGRAM_BINS_MAX = 30;
/** Most frequent values that are kept of a text or boolean column. */
export const TOP_VALUES_MAX = 20;
/** First rows that are kept for the preview; fewer when they are wide. */
export const PREVIEW_ROWS_MAX = 500;
export const PREVIEW_PAGE_MAX = 200;
/** A text longer than this is cut in profiles and previews. */
export const CELL_CHARACTERS_MAX = 500;
