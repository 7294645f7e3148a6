import { setTimeout as sleep } from "node:timers/promises";
import { Api } from "./demo/api";
import { breastCancer } from "./demo/breast-cancer";
import { openProduct } from "./demo/product";
import { ProgressBars } from "./demo/progress";
import { trainersPython } from "./demo/trainers-python";

const HELD_OUT = 200;
const ALGORITHMS = {
  logistic_regression: "scikit-learn",
  random_forest: "scikit-learn",
  xgboost: "xgboost",
  lightgbm: "lightgbm",
} as const;
const DONE = ["completed", "failed", "cancelled"];

interface Job {
  id: string;
  algorithm: string;
  status: string;
  progress: number;
  error: string | null;
  versionId: string | null;
  metrics: Record<string, number>;
}

interface Version {
  id: string;
  number: number;
  metrics: { test: Record<string, number> };
}

const say = (text: string) => process.stdout.write(`${text}\n`);
const keepRunning = process.argv.includes("--keep");

/** `npm run demo`: upload, train four algorithms, deploy the best, predict — through the public API only. */
const product = await openProduct();
const api = new Api(product);
const data = breastCancer(await trainersPython(api), HELD_OUT);
const name = `breast-cancer-${new Date().toISOString().slice(0, 19).replaceAll(/[:T]/g, "-")}`;

const form = new FormData();
form.set("name", "breast-cancer");
form.set("file", new Blob([data.csv], { type: "text/csv" }), "breast-cancer.csv");
const dataset = await api.post<{ id: string; rows: number; columns: unknown[] }>("/datasets", form);
say(
  `Uploaded ${dataset.rows} rows × ${dataset.columns.length} columns; ${HELD_OUT} rows kept aside.`,
);

const model = await api.post<{ id: string }>("/models", {
  name,
  type: "classification",
  framework: "scikit-learn",
  targetVariable: "target",
  description: "Tells malignant from benign tumors by 30 measurements of a cell nucleus image.",
});
say(`Registered the model ${name}. Training four algorithms:\n`);

const jobs = await trainAll(model.id, dataset.id);
const versions = new Map<string, Version>();
for (const job of jobs) {
  if (job.status !== "completed" || !job.versionId)
    throw new Error(`${job.algorithm}: ${job.error ?? job.status}`);
  versions.set(
    job.algorithm,
    await api.get<Version>(`/models/${model.id}/versions/${job.versionId}`),
  );
}
const ranked = [...versions].sort(([, a], [, b]) => score(b) - score(a));
say("\n  algorithm              version  accuracy     AUC   (held-out test split)");
for (const [algorithm, version] of ranked) {
  const { accuracy = Number.NaN, auc = Number.NaN } = version.metrics.test;
  say(
    `  ${algorithm.padEnd(22)} ${String(version.number).padStart(7)}    ${accuracy.toFixed(4)}  ${auc.toFixed(4)}`,
  );
}

const [bestName, best] = ranked[0] ?? [];
if (!best) throw new Error("no version was made");
const { deploymentId } = await api.post<{ deploymentId: string }>(`/models/${model.id}/deploy`, {
  versionId: best.id,
  name,
  environment: "production",
});
await untilActive(deploymentId);
say(
  `\nDeployed version ${best.number} (${bestName}) to production. Sending ${HELD_OUT} rows it never saw:`,
);

const latencies: number[] = [];
let right = 0;
for (const { input, truth } of data.rows) {
  const startedAt = performance.now();
  const reply = await api.post<{ predictions: string[] }>(`/deployments/${deploymentId}/predict`, {
    input,
  });
  latencies.push(performance.now() - startedAt);
  if (reply.predictions[0] === truth) right += 1;
}
latencies.sort((a, b) => a - b);
const quantile = (q: number) =>
  (latencies[Math.min(latencies.length - 1, Math.floor(q * latencies.length))] ?? 0).toFixed(2);
say(
  `  accuracy ${(right / HELD_OUT).toFixed(4)}   p50 ${quantile(0.5)} ms   p99 ${quantile(0.99)} ms   (one row a request, as this program saw it)`,
);
say(`
  Model        ${product.url}/default/registry/${model.id}
  Deployment   ${product.url}/default/deployments/${deploymentId}
  API          ${product.url}/docs/api
`);
if (!keepRunning) await product.close();
process.exit(0);

function score(version: Version): number {
  const { auc = 0, accuracy = 0 } = version.metrics.test;
  return auc + accuracy;
}

async function trainAll(modelId: string, datasetId: string): Promise<Job[]> {
  const ids: string[] = [];
  for (const algorithm of Object.keys(ALGORITHMS)) {
    const { jobId } = await api.post<{ jobId: string }>(`/models/${modelId}/train`, {
      datasetId,
      target: "target",
      algorithm,
      seed: 7,
    });
    ids.push(jobId);
  }
  const bars = new ProgressBars();
  for (;;) {
    const now = await Promise.all(ids.map((id) => api.get<Job>(`/training-jobs/${id}`)));
    bars.draw(
      now.map((job) => ({ label: job.algorithm, fraction: job.progress, note: job.status })),
    );
    if (now.every((job) => DONE.includes(job.status))) return now;
    await sleep(500);
  }
}

async function untilActive(id: string): Promise<void> {
  for (let i = 0; i < 240; i++) {
    const { status, error } = await api.get<{ status: string; error: string | null }>(
      `/deployments/${id}`,
    );
    if (status === "active") return;
    if (status === "failed") throw new Error(`The deployment failed: ${error}`);
    await sleep(250);
  }
  throw new Error("The deployment did not become active within a minute.");
}
