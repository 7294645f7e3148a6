import { setTimeout as sleep } from "node:timers/promises";
import type { Api } from "../demo/api";
import { churnCsv } from "./data";

export interface Job {
  status: string;
  error: string | null;
  versionId: string | null;
}

const DONE = ["completed", "failed", "cancelled"];

/** Uploads the churn set; the same content is the same dataset version. */
export async function uploadChurn(api: Api, rows = 1200): Promise<{ id: string; name: string }> {
  const form = new FormData();
  form.set("name", "churn");
  form.set("description", "Made-up telecom customers with a learnable churn rule.");
  form.set("file", new Blob([churnCsv(rows, 11)], { type: "text/csv" }), "churn.csv");
  return api.post("/datasets", form);
}

/** The model of that name, made when it does not exist. */
export async function ensureModel(api: Api, name: string): Promise<{ id: string }> {
  const { items } = await api.get<{ items: { id: string; name: string }[] }>(
    `/models?search=${encodeURIComponent(name)}`,
  );
  const present = items.find((model) => model.name === name);
  if (present) return present;
  return api.post("/models", {
    name,
    type: "classification",
    framework: "xgboost",
    targetVariable: "churned",
    description: "Which customers are about to leave.",
    tags: { team: "growth" },
  });
}

/** Trains and waits. */
export async function train(
  api: Api,
  modelId: string,
  body: Record<string, unknown>,
): Promise<Job & { id: string }> {
  const { jobId } = await api.post<{ jobId: string }>(`/models/${modelId}/train`, {
    target: "churned",
    seed: 3,
    ...body,
  });
  for (;;) {
    const job = await api.get<Job>(`/training-jobs/${jobId}`);
    if (DONE.includes(job.status)) return { ...job, id: jobId };
    await sleep(400);
  }
}

export async function deployAndWait(
  api: Api,
  modelId: string,
  versionId: string,
  name: string,
): Promise<string> {
  const { deploymentId } = await api.post<{ deploymentId: string }>(`/models/${modelId}/deploy`, {
    versionId,
    name,
    environment: "production",
  });
  for (let i = 0; i < 240; i++) {
    const { status, error } = await api.get<{ status: string; error: string | null }>(
      `/deployments/${deploymentId}`,
    );
    if (status === "active") return deploymentId;
    if (status === "failed") throw new Error(error ?? "the deployment failed");
    await sleep(250);
  }
  throw new Error("the deployment did not become active within a minute");
}
