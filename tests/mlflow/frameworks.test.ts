import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { runPython, skipPython } from "./python-client";
import { startWebProcess, type WebProcess } from "./web-process";

interface Outcome {
  /** Set when the framework has no package for this machine: nothing was proved then. */
  missing?: string;
  /** What the script looked at and found right. */
  proved: string[];
}

/** Each framework with what its script must have proved; a script that stops early proves less. */
const SCRIPTS: Record<string, string[]> = {
  fluent: [
    "resume",
    "nested runs",
    "images",
    "figures",
    "tables",
    "system metrics",
    "evaluate",
    "int64",
    "hostile names",
    "multipart uploads",
    "traces",
  ],
  sklearn: ["autolog", "grid search", "datasets", "round trip", "model metrics"],
  xgboost: ["autolog", "native", "round trip"],
  lightgbm: ["autolog", "native", "round trip"],
  pytorch: ["autolog", "checkpoints", "round trip"],
  tensorflow: ["autolog", "round trip"],
};

describe.skipIf(skipPython)("the stock client against the web process", () => {
  let world: TestWorld;
  let workspace: TestWorkspace;
  let web: WebProcess;
  let key: string;
  beforeAll(async () => {
    world = await createTestWorld();
    workspace = await world.workspace();
    key = await workspace.key("data_scientist");
    web = await startWebProcess(world);
  }, 180_000);
  afterAll(async () => {
    await web?.close();
    await world?.close();
  });

  it.for(Object.entries(SCRIPTS))(
    "%s logs runs, files and models, and loads them back",
    { timeout: 300_000 },
    async ([name, expected], { skip }) => {
      const outcome = await runPython<Outcome>(`frameworks/log_${name}.py`, {
        MLFLOW_TRACKING_URI: web.url,
        MLFLOW_TRACKING_TOKEN: key,
        HOME: world.artifactsFolder,
      });
      if (outcome.missing) {
        process.stderr.write(`\nNOT PROVED: ${name}: ${outcome.missing}\n`);
        skip(outcome.missing);
      }
      expect(outcome.proved).toEqual(expected);
    },
  );
});
