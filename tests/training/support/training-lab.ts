import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createDataset } from "@/server/datasets";
import { stageFile } from "@/server/datasets/stage-file";
import type { Role } from "@/server/kernel/actor";
import { createModel } from "@/server/registry";
import { getJob, type JobDto, readLogs, startTraining } from "@/server/training";
import { startWorker, type Worker, type WorkerOptions } from "@/server/worker/start-worker";
import { startTestServer, type TestServer } from "../../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../../support/workspace";
import { workerOptions } from "./worker-options";

/** Rows with two classes, text, numbers, an empty and a constant column. */
export const csv = (rows = 60): string => {
  const lines = ["a,b,color,empty,same,label"];
  for (let i = 0; i < rows; i++) {
    lines.push(`${i},${i / 7},${i % 2 ? "red" : "blue"},,1,${i % 2 ? "yes" : "no"}`);
  }
  return `${lines.join("\n")}\n`;
};

/** A world with a server, a workspace, a model and a dataset. */
export interface TrainingLab {
  world: TestWorld;
  server: TestServer;
  home: string;
  a: TestWorkspace;
  modelId: string;
  datasetId: string;
  upload(text: string, name?: string): Promise<string>;
  worker(behavior: string, options?: Partial<WorkerOptions>): Promise<Worker>;
  start(more?: Partial<Parameters<typeof startTraining>[1]>, role?: Role): Promise<string>;
  until(jobId: string, accept: (job: JobDto) => boolean, timeoutMs?: number): Promise<JobDto>;
  log(jobId: string): Promise<string>;
  close(): Promise<void>;
}

export async function createTrainingLab(): Promise<TrainingLab> {
  const world = await createTestWorld();
  const server = await startTestServer(world);
  const home = await mkdtemp(join(tmpdir(), "modelyard-training-"));
  const a = await world.workspace();
  const admin = a.as("admin");
  const model = await createModel(admin, {
    name: "churn",
    type: "classification",
    framework: "scikit-learn",
  });
  const upload = async (text: string, name = "customers"): Promise<string> => {
    const file = await stageFile(Readable.from([Buffer.from(text)]), "data.csv", 1e8);
    const { dataset } = await createDataset(admin, { name }, file);
    await file.discard();
    return dataset.id;
  };
  const datasetId = await upload(csv());
  const workers: Worker[] = [];
  return {
    world,
    server,
    home,
    a,
    modelId: model.id,
    datasetId,
    upload,
    worker: async (behavior, options = {}) => {
      const worker = await startWorker(
        server.runtime,
        workerOptions(behavior, home, server.url, options),
      );
      workers.push(worker);
      return worker;
    },
    start: async (more = {}, role = "data_scientist") => {
      const { jobId } = await startTraining(a.as(role), {
        model: "churn",
        datasetId,
        target: "label",
        algorithm: "logistic_regression",
        ...more,
      });
      return jobId;
    },
    until: async (jobId, accept, timeoutMs = 60_000) => {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const job = await getJob(admin, { job: jobId });
        if (accept(job)) return job;
        if (Date.now() > deadline) throw new Error(`Waited in vain: ${JSON.stringify(job)}`);
        await new Promise((go) => setTimeout(go, 50));
      }
    },
    log: (jobId) => wholeLog(admin, jobId),
    close: async () => {
      for (const worker of workers) await worker.stop();
      await server.close();
      await world.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function wholeLog(ctx: Parameters<typeof readLogs>[0], job: string): Promise<string> {
  let all = "";
  for (let offset = 0; ; ) {
    const { text, nextOffset } = await readLogs(ctx, { job, offset });
    if (text === "") return all;
    all += text;
    offset = nextOffset;
  }
}

export const ended = (job: JobDto): boolean =>
  ["completed", "failed", "cancelled"].includes(job.status);
