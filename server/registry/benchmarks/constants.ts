export const BENCHMARK_STATUSES = [
  "queued",
  "running",
  "completed",
  "failed",
  "cancelled",
] as const;
export type BenchmarkStatus = (typeof BENCHMARK_STATUSES)[number];

export const isOver = (status: string): boolean => status !== "queued" && status !== "running";

export const BENCHMARK_VERSIONS_MAX = 10;
export const BENCHMARK_ROWS_MAX = 100_000;

/** What each metric is and whether more of it is better; the words a page shows beside the number. */
export const METRIC_DEFINITIONS = {
  accuracy: { better: "higher", definition: "Share of rows whose class was predicted." },
  balanced_accuracy: { better: "higher", definition: "Mean recall of the classes that occur." },
  precision_macro: {
    better: "higher",
    definition:
      "Mean over classes of the share of predictions that were right; 0 where none was made.",
  },
  recall_macro: {
    better: "higher",
    definition: "Mean over classes of the share of rows that were found.",
  },
  f1_macro: {
    better: "higher",
    definition: "Mean over classes of the harmonic mean of precision and recall.",
  },
  log_loss: {
    better: "lower",
    definition: "Mean of −ln of the probability given to the true class, clipped at 2⁻⁵².",
  },
  roc_auc: {
    better: "higher",
    definition:
      "Two classes: probability that a random row of the second scores above one of the first.",
  },
  rmse: {
    better: "lower",
    definition: "Root of the mean squared difference, in the target's unit.",
  },
  mae: { better: "lower", definition: "Mean absolute difference, in the target's unit." },
  r2: {
    better: "higher",
    definition: "1 − squared differences / squared deviations from the mean.",
  },
  max_error: { better: "lower", definition: "Largest absolute difference, in the target's unit." },
} as const satisfies Record<string, { better: "higher" | "lower"; definition: string }>;
export type BenchmarkMetric = keyof typeof METRIC_DEFINITIONS;
