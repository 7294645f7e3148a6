/** Whether a lower or a higher value of a metric is the better one. */
export type MetricGoal = "minimize" | "maximize";

/** `modelyard.goal.<metric>` = minimize | maximize on an experiment overrides what the name suggests. */
const GOAL_TAG_PREFIX = "modelyard.goal.";

/** Words of names whose values shrink as a model gets better. */
const LOWER_IS_BETTER: ReadonlySet<string> = new Set(
  (
    "loss losses cost costs error errors err mse rmse mae mape smape wmape mdape medae msle rmsle mase rmsse " +
    "logloss nll bce crossentropy entropy brier ece mce hinge huber quantile pinball deviance perplexity ppl bpc bpb " +
    "wer cer ter fid kid lpips chamfer hausdorff divergence kl kld distance regret penalty residual residuals " +
    "latency duration time seconds ms fpr fnr fdr far frr eer mer misclassification merror inertia bic aic"
  ).split(" "),
);

/** Two words that mean what neither of them means alone. */
const LOWER_PAIRS: ReadonlySet<string> = new Set([
  "cross entropy",
  "log loss",
  "false positive",
  "false negative",
  "davies bouldin",
]);

/**
 * The better direction of a metric: the experiment's own word for it, else by the words of its name
 * (`val/loss`, `validation_rmse`, `trainLoss`); a name that says nothing is to be maximized.
 */
export function metricDirection(
  key: string,
  experimentTags: Readonly<Record<string, string>> = {},
): MetricGoal {
  const asked = experimentTags[GOAL_TAG_PREFIX + key];
  if (asked === "minimize" || asked === "maximize") return asked;
  const words = key
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  // "neg_log_loss" of scikit-learn is already turned around.
  if (words.includes("neg") || words.includes("negative")) {
    if (!words.includes("false")) return "maximize";
  }
  const isLower = words.some(
    (word, at) => LOWER_IS_BETTER.has(word) || LOWER_PAIRS.has(`${word} ${words[at + 1] ?? ""}`),
  );
  return isLower ? "minimize" : "maximize";
}
