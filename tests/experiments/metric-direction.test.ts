import { expect, it } from "vitest";
import { metricDirection } from "@/server/experiments/metric-direction";

it.each([
  "loss",
  "val_loss",
  "train/loss",
  "trainLoss",
  "eval.RMSE",
  "training_mean_squared_error",
  "validation-0-logloss",
  "log_loss",
  "cross_entropy",
  "perplexity",
  "false_positive_rate",
  "epoch_time",
])("takes a lower %s for better", (key) => {
  expect(metricDirection(key)).toBe("minimize");
});

it.each([
  "accuracy",
  "val_auc",
  "f1",
  "r2",
  "neg_log_loss",
  "neg_mean_absolute_error",
  "true_negative_rate",
  "glossary",
  "terrors",
  "",
])("takes a higher %j for better", (key) => {
  expect(metricDirection(key)).toBe("maximize");
});

it("follows the experiment's own word, and no other word", () => {
  const tags = { "modelyard.goal.loss": "maximize", "modelyard.goal.auc": "minimize" };
  expect(metricDirection("loss", tags)).toBe("maximize");
  expect(metricDirection("auc", tags)).toBe("minimize");
  expect(metricDirection("val_loss", tags)).toBe("minimize");
  expect(metricDirection("loss", { "modelyard.goal.loss": "upwards" })).toBe("minimize");
});
