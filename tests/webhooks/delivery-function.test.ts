import { createHmac } from "node:crypto";
import pino from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createInngest } from "@/inngest/client";
import { createEmbeddedExecutor } from "@/inngest/embedded";
import { OutboxRelay } from "@/inngest/relay";
import { webhookFunctions } from "@/inngest/webhooks";
import { createModel, registerVersion } from "@/server/registry";
import { deleteAlias } from "@/server/registry/aliases/delete-alias";
import { setAlias } from "@/server/registry/aliases/set-alias";
import { setVersionTag } from "@/server/registry/tags/set-version-tag";
import { createRuntime, type Runtime } from "@/server/runtime";
import { createWebhook, listDeliveries, redeliver } from "@/server/webhooks";
import { versionInput } from "../registry/version-input";
import { TEST_SECRET } from "../support/test-secret";
import {
  createTestWorld,
  type TestWorkspace,
  type TestWorld,
  testKeyring,
} from "../support/workspace";
import { type Receiver, startReceiver } from "./receiver";

const log = pino({ level: "silent" });
let world: TestWorld;
let a: TestWorkspace;
let receiver: Receiver;
let runtime: Runtime;
let stop: () => Promise<void>;
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
  receiver = await startReceiver();
  runtime = createRuntime({
    databaseUrl: world.db.url,
    artifactsFolder: world.artifactsFolder,
    keyring: testKeyring(),
    secret: TEST_SECRET,
    allowPrivateAddresses: true,
    log,
  });
  const { db, jobContext } = runtime;
  const inngest = createInngest(db.pool, {}, log);
  if (inngest.mode !== "embedded") throw new Error("the embedded executor is meant here");
  const { client, transport } = inngest;
  const at = world.artifactsFolder;
  const folders = { home: at, artifacts: at, training: at };
  const executor = createEmbeddedExecutor({
    pool: db.pool,
    client,
    functions: webhookFunctions({ client, db, jobContext, folders, log }),
    transport,
    log,
    pollMs: 50,
    retryDelayMs: () => 50,
  });
  await executor.start();
  const relay = new OutboxRelay(db.pool, (events) => client.send(events), log);
  stop = async () => {
    await relay.close();
    await executor.stop({ graceMs: 5_000 });
  };
});
afterAll(async () => {
  await stop();
  await runtime.close();
  receiver.close();
  await world.close();
});

it("carries changes of the registry to the address, signed, in spite of an outage", async () => {
  const secret = "s3cret";
  const webhook = await createWebhook(a.as("admin"), {
    name: "ci",
    url: receiver.url,
    secret,
    events: [
      "registered_model.created",
      "model_version.created",
      "model_version_tag.set",
      "model_version_alias.created",
      "model_version_alias.deleted",
    ],
  });
  receiver.answers.push(503, 500);
  const model = await createModel(a.as("admin"), {
    name: "churn",
    type: "classification",
    framework: "onnx",
  });
  await registerVersion(a.as("admin"), versionInput(model.id, { description: "first" }));
  const version = { model: model.id, version: "1" };
  await setVersionTag(a.as("admin"), { ...version, key: "k", value: "v" });
  await setAlias(a.as("admin"), { ...version, alias: "champion" });
  await deleteAlias(a.as("admin"), { model: model.id, alias: "champion" });
  const list = async () => (await listDeliveries(a.as("admin"), { webhook: webhook.id })).items;
  await expect
    .poll(async () => (await list()).filter(({ status }) => status === "delivered").length, {
      timeout: 60_000,
    })
    .toBe(5);
  const taken = receiver.received.slice(-5).map(({ body }) => JSON.parse(body));
  const all = Object.fromEntries(
    receiver.received.map(({ body }) => [JSON.parse(body).type, JSON.parse(body).data]),
  );
  expect(taken).toHaveLength(5);
  expect(all).toEqual({
    "registered_model.created": { name: "churn", description: "", tags: {} },
    "model_version.created": {
      name: "churn",
      version: "1",
      source: null,
      run_id: null,
      tags: expect.any(Object),
      description: "first",
    },
    "model_version_tag.set": { name: "churn", version: "1", key: "k", value: "v" },
    "model_version_alias.created": { name: "churn", alias: "champion", version: "1" },
    "model_version_alias.deleted": { name: "churn", alias: "champion" },
  });
  const tries = (await list()).reduce((sum, { attempts }) => sum + attempts, 0);
  expect(tries).toBe(7);
  expect(receiver.received).toHaveLength(7);
  for (const { headers, body } of receiver.received) {
    const content = `${headers["x-mlflow-delivery-id"]}.${headers["x-mlflow-timestamp"]}.${body}`;
    const expected = createHmac("sha256", secret).update(content).digest("base64");
    expect(headers["x-mlflow-signature"]).toBe(`v1,${expected}`);
  }
  const [last] = await list();
  const known = receiver.received.length;
  const again = { webhook: webhook.id, delivery: last?.id ?? "" };
  await redeliver(a.as("admin"), again);
  await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(known + 1);
  const repeated = receiver.received.at(-1);
  expect(repeated?.headers["webhook-id"]).toBe(last?.id);
  expect(repeated?.body).toBe(last?.body);
}, 180_000);
