import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { verifyAudit } from "@/server/audit";
import { createRun, logBatch, putRunArtifact } from "@/server/experiments";
import { eraseSubject } from "@/server/privacy";
import { upload } from "../datasets/upload-form";
import {
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
} from "../deployments/support/deployed-world";
import {
  type PredictionServer,
  startPredictionServer,
} from "../predictions/support/prediction-server";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import { addPerson, grepDatabase, grepFolder, type Person } from "./support";

const NAME = "Zebulon Quokkamann";
const EMAIL = "zeb.quokka@canary.example";
const END_USER = "customer-canary-88431";

let world: DeployedWorld;
let server: PredictionServer;
let own: TestWorkspace;
let key: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  server = await startPredictionServer(world, world.nodes);
  own = await world.workspace();
  key = await own.key("admin");
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const api = (path: string, method = "GET", body?: unknown, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

/** As the person, in a browser: cookie, Origin, workspace. */
const asPerson = (person: Person) => async (path: string, body: unknown) => {
  const reply = await fetch(`${server.url}/api/v1${path}`, {
    method: "POST",
    headers: {
      cookie: person.cookie,
      origin: server.url,
      "x-modelyard-workspace": own.slug,
      "content-type": "application/json",
      "idempotency-key": randomUUID(),
    },
    body: JSON.stringify(body),
  });
  if (reply.status >= 300) throw new Error(`${path}: ${await reply.text()}`);
  return (await reply.json()) as Record<string, string>;
};

/** Leaves the three names in every place the product lets people and programs write to. */
async function plant(person: Person): Promise<{ jobId: string }> {
  const send = asPerson(person);
  const mention = `Ask ${NAME} <${EMAIL}> about ${END_USER}.`;
  const deployed = await deployModel(world, own, "live");
  const model = await send("/models", {
    name: `model of ${END_USER}`,
    type: "regression",
    framework: "onnx",
    description: mention,
    tags: { owner: EMAIL },
  });
  await send("/experiments", { name: `study of ${NAME}`, description: mention });
  await send("/invitations", { name: NAME, email: EMAIL, role: "viewer" });
  await send("/api-keys", { name: `key of ${NAME}`, role: "viewer" });
  await api(`/models/${model.id}`, "PATCH", { card: `# Card\n\n${mention}` });
  const ctx = {
    ...own.as("admin"),
    actor: { type: "user" as const, userId: person.userId, name: NAME, role: "admin" },
  };
  const run = await createRun(ctx, {
    userName: NAME,
    name: `run for ${END_USER}`,
    tags: [{ key: "mlflow.user", value: NAME }],
  });
  await logBatch(ctx, {
    runId: run.id,
    params: [{ key: "contact", value: EMAIL }],
    tags: [{ key: "asked by", value: mention }],
  });
  const stored = { owner: { kind: "run" as const, id: run.id } };
  await putRunArtifact(ctx, {
    ...stored,
    path: `logs/${END_USER}.txt`,
    content: Readable.from(["quiet"]),
  });
  await putRunArtifact(ctx, {
    ...stored,
    path: "logs/trainer.txt",
    content: Readable.from([mention]),
  });
  const rows = Array.from(
    { length: 60 },
    (_, i) => `${i},${i % 7},${i % 2},${i === 3 ? END_USER : `c${i}`}`,
  );
  const dataset = await upload(server.url, key, "customers", `a,b,y,who\n${rows.join("\n")}\n`);
  expect(dataset.status).toBe(201);
  const job = await send(`/models/${deployed.modelId}/train`, {
    datasetId: dataset.body.id,
    target: "y",
    algorithm: "linear_regression",
    description: mention,
  });
  const jobId = job.jobId ?? "";
  const half = Math.floor(EMAIL.length / 2);
  const pieces = [
    `reading ${END_USER}\n`,
    `mail ${EMAIL.slice(0, half)}`,
    `${EMAIL.slice(half)} again\n`,
  ];
  let offset = 0;
  for (const text of pieces) {
    await asOwner(
      world.db.ownerUrl,
      "insert into training_logs (workspace_id, job_id, offset_bytes, text) values ($1, $2, $3, $4)",
      [own.id, jobId, offset, text],
    );
    offset += Buffer.byteLength(text);
  }
  for (const inputs of [[{ a: 1, who: END_USER }], [{ a: 2, who: `${END_USER}-7` }], [{ a: 3 }]]) {
    logPrediction(deployed.deploymentId, inputs);
  }
  await server.gateway.logs.flush();
  await api("/deployments/live/predict", "POST", { input: { a: 1, b: END_USER } });
  await plantEvents(mention);
  return { jobId };
}

function logPrediction(deploymentId: string, inputs: unknown): void {
  server.gateway.logs.push({
    workspaceId: own.id,
    requestId: randomUUID(),
    atMs: Date.now(),
    deploymentId,
    variantId: null,
    versionId: null,
    status: 200,
    rows: 1,
    inputs,
    outputs: { predictions: [1] },
    error: null,
    latencyMs: 1,
    queueMs: null,
    computeMs: null,
    bytes: 300,
  });
}

/** A run of the executor whose step failed with what a trainer said. */
async function plantEvents(text: string): Promise<void> {
  const owner = (query: string, values: unknown[]) => asOwner(world.db.ownerUrl, query, values);
  const id = randomUUID();
  const payload = { id, name: "training/job.requested", data: { workspaceId: own.id } };
  await owner(
    "insert into inngest.events (internal_id, id, name, payload, routed) values ($1, $1, $2, $3, true)",
    [id, payload.name, JSON.stringify(payload)],
  );
  await owner(
    `insert into inngest.runs (id, function_id, event_id, status, concurrency_keys, concurrency_limits, error)
     values ($1, 'f', $1, 'failed', '{}', '{}', $2)`,
    [id, JSON.stringify({ message: text })],
  );
}

const needles = [NAME, EMAIL, END_USER];

it("leaves nothing of a person in any column or file, but what the report names", async () => {
  const person = await addPerson(world, { name: NAME, email: EMAIL }, [
    { workspace: own, role: "admin" },
  ]);
  await addPerson(world, { name: "Other", email: "other@example.org" }, [
    { workspace: own, role: "admin" },
  ]);
  const { jobId } = await plant(person);
  const planted = new Set((await grepDatabase(world, needles)).map((hit) => hit.split(":")[0]));
  for (const place of [
    "users.name",
    "users.email",
    "invitations.email",
    "api_keys.name",
    "models.description",
    "models.tags",
    "models.card",
    "runs.user_name",
    "run_tags.value",
    "run_params.value",
    "run_artifacts.path",
    "audit_personal.data",
    "prediction_logs.inputs",
    "training_logs.text",
    "dataset_previews.rows",
    "inngest.runs.error",
  ]) {
    expect(planted, place).toContain(place);
  }
  for (const subject of [EMAIL, END_USER]) {
    // What waits in memory is written after the first pass.
    logPrediction(randomUUID(), [{ who: subject }]);
    const reply = await api("/privacy/erasures", "POST", { subject });
    const proof = await reply.json();
    expect(reply.status, JSON.stringify(proof)).toBe(201);
    expect(proof.report.tables.filter((one: { left: number }) => one.left > 0)).toEqual([]);
    expect(proof.state).toBe("complete");
    expect(JSON.stringify(proof)).not.toContain(subject);
    const files = proof.report.files.map((one: { path: string }) => one.path).toSorted();
    const expected =
      subject === EMAIL ? ["logs/trainer.txt"] : ["customers v1", "logs/trainer.txt"];
    expect(files).toEqual(expected);
  }
  const left = await grepDatabase(world, needles);
  // Another customer's id, of which ours is the beginning.
  expect(left.filter((hit) => !hit.startsWith("prediction_logs.inputs"))).toEqual([]);
  const logged = await asOwner<{ inputs: unknown }>(
    world.db.ownerUrl,
    "select inputs from prediction_logs where workspace_id = $1 and status = 200 order by inputs::text",
    [own.id],
  );
  expect(logged.map(({ inputs }) => inputs)).toEqual([
    [{ a: 2, who: `${END_USER}-7` }],
    [{ a: 3 }],
  ]);
  expect(await grepFolder(world.artifactsFolder, needles)).toEqual([]);
  const [{ text } = { text: "" }] = await asOwner<{ text: string }>(
    world.db.ownerUrl,
    "select string_agg(text, '' order by offset_bytes) as text from training_logs where job_id = $1",
    [jobId],
  );
  expect(text).toBe(
    `reading ${"*".repeat(END_USER.length)}\nmail ${"*".repeat(EMAIL.length)} again\n`,
  );
  expect(await verifyAudit(own.as("admin"))).toMatchObject({ broken: null });
});

it("ends the session and the keys of an erased person at once", async () => {
  const person = await addPerson(world, { name: "Gone Person", email: "gone@canary.example" }, [
    { workspace: own, role: "viewer" },
  ]);
  const me = () =>
    fetch(`${server.url}/api/v1/me`, {
      headers: { cookie: person.cookie, "x-modelyard-workspace": own.slug },
    });
  expect((await me()).status).toBe(200);
  await eraseSubject(own.job(), { subject: person.userId });
  expect((await me()).status).toBe(401);
  const keys = await asOwner(
    world.db.ownerUrl,
    "select 1 from api_keys where created_by is null and revoked_at is null and name like 'key of%'",
  );
  expect(keys).toEqual([]);
});
