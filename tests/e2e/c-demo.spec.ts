import { spawnSync } from "node:child_process";
import { expect, test } from "@playwright/test";

test("npm run demo trains four algorithms, deploys the best and predicts 200 rows right", () => {
  test.setTimeout(400_000);
  const result = spawnSync(process.execPath, ["--import", "tsx", "scripts/demo.ts"], {
    encoding: "utf8",
    timeout: 390_000,
    env: {
      ...process.env,
      MODELYARD_URL: process.env.E2E_URL,
      MODELYARD_API_KEY: process.env.E2E_KEY,
      MODELYARD_HOME: process.env.E2E_HOME,
    },
  });
  expect(result.stderr).toBe("");
  expect(result.status).toBe(0);
  for (const algorithm of ["logistic_regression", "random_forest", "xgboost", "lightgbm"]) {
    const [, accuracy = "0", auc = "0"] =
      new RegExp(`^  ${algorithm} +\\d+ +([\\d.]+) +([\\d.]+)$`, "m").exec(result.stdout) ?? [];
    expect(Number(accuracy), `${algorithm} accuracy\n${result.stdout}`).toBeGreaterThan(0.88);
    expect(Number(auc), `${algorithm} AUC`).toBeGreaterThan(0.95);
  }
  const [, accuracy = "0"] = /accuracy ([\d.]+) +p50/.exec(result.stdout) ?? [];
  expect(Number(accuracy)).toBeGreaterThan(0.93);
});
