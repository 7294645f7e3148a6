import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createModel, getVersion, listVersionArtifacts, listVersions } from "@/server/registry";
import { asOwner } from "../support/database";
import { TEST_SECRET } from "../support/test-secret";
import { createTrainingLab, ended, type TrainingLab } from "../training/support/training-lab";

/** The environment npm test makes; without one there is nothing to prove here. */
const PYTHON_ENV = resolve(process.env.MODELYARD_PYTHON_ENV ?? "trainers/.venv");

/** Numbers, text, gaps and booleans; the label follows from them with some noise. */
function table(rows = 300): string {
  const lines = ["age;income;city;member;label;price".replaceAll(";", ",")];
  for (let i = 0; i < rows; i++) {
    const age = 20 + ((i * 7919) % 50);
    const income = (i * 104_729) % 1000;
    const city = ["Rome", "Oslo", "Łódź"][i % 3];
    const noise = (i * 31) % 10 === 0;
    const label = age > 45 !== noise ? "stays" : "goes";
    const price = age * 3 + income / 10 + (i % 3) * 20;
    lines.push(
      `${i % 17 ? age : ""},${income},${i % 23 ? city : ""},${i % 2 === 0},${label},${price}`,
    );
  }
  return `${lines.join("\n")}\n`;
}

let lab: TrainingLab;
let child: ChildProcess | undefined;
let datasetId: string;

/** The worker as it runs in an installation. */
function startRealWorker(): ChildProcess {
  const made = spawn(process.execPath, ["--import", "tsx", "server/worker.ts"], {
    stdio: "inherit",
    env: {
      ...process.env,
      NODE_ENV: "production",
      DATABASE_URL: lab.world.db.ownerUrl,
      MODELYARD_SECRET: TEST_SECRET,
      MODELYARD_HOME: lab.home,
      MODELYARD_URL: lab.server.url,
      MODELYARD_PYTHON_ENV: PYTHON_ENV,
      TRAINING_SLOTS: "2",
      LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? "silent",
    },
  });
  child = made;
  return made;
}

/** The process id of the worker that holds a job. */
async function holderOf(jobId: string): Promise<number | undefined> {
  const [row] = await asOwner<{ lease_owner: string | null }>(
    lab.world.db.ownerUrl,
    "select lease_owner from training_jobs where id = $1",
    [jobId],
  );
  return row?.lease_owner ? JSON.parse(row.lease_owner)[1] : undefined;
}

describe.skipIf(!existsSync(PYTHON_ENV))("the bundled trainers under a real worker", () => {
  beforeAll(async () => {
    lab = await createTrainingLab();
    await symlink(lab.world.artifactsFolder, join(lab.home, "artifacts"));
    datasetId = await lab.upload(table(), "people");
    await createModel(lab.a.as("admin"), {
      name: "prices",
      type: "regression",
      framework: "lightgbm",
    });
    startRealWorker();
  });
  afterAll(async () => {
    child?.kill("SIGKILL");
    await lab.close();
  });

  const run = (more: Parameters<TrainingLab["start"]>[0]) => lab.start({ datasetId, ...more });

  it("train, prove and register a classification and a regression", {
    timeout: 240_000,
  }, async () => {
    const jobs = [
      await run({ algorithm: "logistic_regression" }),
      await run({ algorithm: "lightgbm", model: "prices", target: "price" }),
    ];
    for (const jobId of jobs) {
      const job = await lab.until(jobId, ended, 200_000);
      expect(job, await lab.log(jobId)).toMatchObject({ status: "completed", attempt: 1 });
      const of = { model: job.modelName, version: String(job.versionNumber) };
      const version = await getVersion(lab.a.as("viewer"), of);
      expect(version.parity).toMatchObject({ labelFlips: 0 });
      expect(version.parity?.maxAbsDiff).toBeLessThanOrEqual(1e-5);
      const artifacts = await listVersionArtifacts(lab.a.as("viewer"), of);
      const kinds = artifacts.map(({ path, kind }) => `${kind} ${path}`);
      expect(kinds).toContain("model model.onnx");
      expect(kinds).toContain("requirements requirements.txt");
      expect(version.inputExample).not.toBeNull();
    }
  });

  it("kill -9 of the worker three times: one version, each curve point once", {
    timeout: 600_000,
  }, async () => {
    const jobId = await run({
      algorithm: "xgboost",
      hyperparameters: { n_estimators: 8000, learning_rate: 0.005 },
    });
    for (let kill = 0; kill < 3; kill++) {
      const running = child;
      if (!running) throw new Error("no worker");
      await expect.poll(() => holderOf(jobId), { timeout: 120_000 }).toBe(running.pid);
      await sleep(300 * kill);
      running.kill("SIGKILL");
      await once(running, "exit");
      startRealWorker();
    }
    const job = await lab.until(jobId, ended, 400_000);
    expect(job, await lab.log(jobId)).toMatchObject({ status: "completed", attempt: 1 });
    const { items } = await listVersions(lab.a.as("viewer"), { model: "churn" });
    expect(items.filter((version) => version.trainingJobId === jobId)).toHaveLength(1);
    const curves = await asOwner<{ key: string; points: number; steps: number; last: number }>(
      lab.world.db.ownerUrl,
      `select key, count(*)::int as points, count(distinct step)::int as steps, max(step)::int as last
       from run_metrics where run_id = $1 and key like 'train_%' group by key`,
      [job.runId],
    );
    expect(curves.length).toBeGreaterThan(0);
    for (const { points, steps, last } of curves) {
      expect([points, steps]).toEqual([steps, last]);
    }
  });
});
