/** Where a metric is read: measured by the trainer, or the newest value the run logged. */
export const METRIC_SOURCES = ["test", "validation", "run"] as const;
export type MetricSource = (typeof METRIC_SOURCES)[number];

export const OPERATORS = [">=", ">", "<=", "<"] as const;
export type Operator = (typeof OPERATORS)[number];

export const LINEAGE_PARTS = ["dataset", "run"] as const;
