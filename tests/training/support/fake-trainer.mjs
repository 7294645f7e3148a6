// A trainer for tests: any program that keeps the training contract is one. What it does is its first
// argument, or for `by-dataset` the dataset's name; then comes `--spec <file>`. It tracks over plain HTTP, as the stock MLflow client does.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const [wanted = "train", , specFile] = process.argv.slice(2);
const spec = JSON.parse(readFileSync(specFile, "utf8"));
const behavior = wanted === "by-dataset" ? spec.datasetName.split(" ")[0] : wanted;
const { MLFLOW_TRACKING_URI, MLFLOW_TRACKING_TOKEN, MLFLOW_RUN_ID: run } = process.env;

class TryAgain extends Error {}

async function call(method, path, body) {
  let reply;
  try {
    reply = await fetch(`${MLFLOW_TRACKING_URI}/api/2.0/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${MLFLOW_TRACKING_TOKEN}`,
        ...(body instanceof Buffer ? {} : { "content-type": "application/json" }),
      },
      body: body === undefined || body instanceof Buffer ? body : JSON.stringify(body),
    });
  } catch (error) {
    throw new TryAgain(String(error));
  }
  if (reply.status >= 500) throw new TryAgain(`${path} answered ${reply.status}`);
  if (!reply.ok) throw new Error(`${path} answered ${reply.status}: ${await reply.text()}`);
  return reply.json();
}

const mlflow = (name, body) => call("POST", `mlflow/${name}`, { run_id: run, ...body });
const tag = (key, value) => mlflow("runs/set-tag", { key, value });
const say = (text) => process.stdout.write(`${text}\n`);

/** Steps of the deterministic training; a step's loss follows from its number. */
const STEPS = Number(process.env.FAKE_STEPS ?? 5);
const STEP_MS = Number(process.env.FAKE_STEP_MS ?? 20);
const checkpoint = join(spec.workDir, "checkpoint.json");

/** Steps the server holds: a batch is accepted whole or not at all, so they are a prefix. */
async function stepsOnServer() {
  const query = `mlflow/metrics/get-history?run_id=${run}&metric_key=loss`;
  const { metrics = [] } = await call("GET", query);
  return metrics.reduce((most, point) => Math.max(most, Number(point.step ?? 0)), 0);
}

async function train() {
  await mlflow("runs/update", { status: "RUNNING" });
  let step = existsSync(checkpoint) ? JSON.parse(readFileSync(checkpoint, "utf8")).step : 0;
  const known = await stepsOnServer();
  say(step > 0 ? `resuming at step ${step}` : `starting in process ${process.pid}`);
  while (step < STEPS) {
    step += 1;
    await sleep(STEP_MS);
    if (step > known) {
      const value = Math.round(1e6 / step) / 1e6;
      await mlflow("runs/log-batch", {
        metrics: [{ key: "loss", value, timestamp: Date.now(), step }],
        tags: [{ key: "modelyard.progress", value: (step / STEPS).toFixed(2) }],
      });
    }
    say(`step ${step} of ${STEPS}`);
    writeFileSync(`${checkpoint}.tmp`, JSON.stringify({ step }));
    renameSync(`${checkpoint}.tmp`, checkpoint);
  }
  await report();
  await mlflow("runs/update", { status: "FINISHED", end_time: Date.now() });
}

async function report() {
  const {
    run: { info },
  } = await call("GET", `mlflow/runs/get?run_id=${run}`);
  const root = `mlflow-artifacts/artifacts/${info.experiment_id}/${run}/artifacts`;
  const upload = (path, content) => call("PUT", `${root}/${path}`, content);
  const files = [];
  const add = async (path, kind, content) => {
    await upload(path, content);
    const sha256 = createHash("sha256").update(content).digest("hex");
    files.push({ path, kind, sizeBytes: content.length, sha256 });
  };
  await add("model/model.onnx", "model", Buffer.from(`model of seed ${spec.seed}`));
  await add("model/input_example.json", "example", Buffer.from('[{"a": 1}]'));
  const flips = behavior === "no-parity" ? 2 : 0;
  if (behavior === "liar") files[0].sha256 = "0".repeat(64);
  const result = {
    task: spec.task ?? "classification",
    algorithm: spec.algorithm,
    hyperparameters: spec.hyperparameters,
    metrics: { validation: { accuracy: 0.9 }, test: { accuracy: 0.8 } },
    signature: signature(),
    parity: { rows: 40, maxAbsDiff: 1e-7, labelFlips: flips, tolerance: 1e-5 },
    environment: { node: process.version },
    durationSeconds: 1.5,
    files,
  };
  if (behavior === "no-result") return;
  await upload("modelyard/result.json", Buffer.from(JSON.stringify(result)));
}

const signature = () => ({
  task: "classification",
  features: [{ name: "a", type: "number", nullable: true, min: 0, max: 1, mean: 0.5 }],
  target: { name: spec.target, type: "category" },
  classes: ["no", "yes"],
  inputs: [{ name: "numeric", datatype: "FP64", shape: [-1, 1], columns: ["a"] }],
  outputs: [
    { name: "label", datatype: "INT64", shape: [-1] },
    { name: "probabilities", datatype: "FP32", shape: [-1, 2] },
  ],
});

const starts = () => {
  const file = join(spec.workDir, "starts");
  const count = existsSync(file) ? Number(readFileSync(file, "utf8")) + 1 : 1;
  writeFileSync(file, String(count));
  return count;
};

const BEHAVIORS = {
  train,
  "no-result": train,
  "no-parity": train,
  liar: train,
  async crash() {
    process.stderr.write("Segmentation fault in layer 3\n");
    process.exit(139);
  },
  async "crash-once"() {
    if (starts() === 1) process.exit(2);
    await train();
  },
  async "retry-once"() {
    if (starts() === 1) throw new TryAgain("the disk is full");
    await train();
  },
  async "bad-data"() {
    await tag("modelyard.error", "Column a holds text in row 17.");
    process.stderr.write("Column a holds text in row 17.\n");
    process.exit(64);
  },
  async explained() {
    await tag("modelyard.error", "parity check failed over 40 rows");
    process.exit(1);
  },
  async hang() {
    say("hanging");
    await tag("modelyard.progress", "0.25");
    await sleep(3_600_000);
  },
  async stubborn() {
    process.on("SIGTERM", () => say("not yet"));
    say("stubborn");
    await sleep(3_600_000);
  },
  async flood() {
    const line = Buffer.alloc(64 * 1024, "x");
    line[line.length - 1] = 10;
    for (let i = 0; i < 1600; i++) {
      if (!process.stdout.write(line)) await new Promise((go) => process.stdout.once("drain", go));
    }
    await train();
  },
  async dirty() {
    process.stdout.write(Buffer.from([0x61, 0x00, 0xff, 0xc3, 0xa9, 0xe2, 0x82, 0x0a]));
    await train();
  },
  async "kill-itself"() {
    process.kill(process.pid, "SIGKILL");
    await sleep(1000);
  },
  async secrets() {
    say(JSON.stringify(process.env));
    await train();
  },
  async family() {
    const child = spawn("sleep", ["600"], { stdio: "ignore" });
    child.unref();
    say(`child ${child.pid}`);
    await train();
  },
};

process.once("SIGTERM", () => {
  if (behavior !== "stubborn") process.exit(143);
});
try {
  await (BEHAVIORS[behavior] ?? train)();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(error instanceof TryAgain ? 75 : 1);
}
