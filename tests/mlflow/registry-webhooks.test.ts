import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { type Receiver, startReceiver } from "../webhooks/receiver";
import { type MlflowClient, mlflowClient } from "./client";

let world: TestWorld;
let workspace: TestWorkspace;
let server: TestServer;
let receiver: Receiver;
let mlflow: MlflowClient;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  receiver = await startReceiver();
});
afterAll(async () => {
  receiver.close();
  await server.close();
  await world.close();
});
beforeEach(async () => {
  workspace = await world.workspace();
  mlflow = mlflowClient(server, await workspace.key("admin"));
});

const ROOT = "/mlflow/webhooks";
const time = expect.any(Number);
const created = { entity: "REGISTERED_MODEL", action: "CREATED" };
const invalid = (message: string | RegExp) => ({
  status: 400,
  body: {
    error_code: "INVALID_PARAMETER_VALUE",
    message: typeof message === "string" ? message : expect.stringMatching(message),
  },
});
const create = (more: object = {}) =>
  mlflow.post(ROOT, { name: "ci", url: receiver.url, events: [created], ...more });
async function newId(more: object = {}): Promise<string> {
  const { body } = await create(more);
  return (body as { webhook: { webhook_id: string } }).webhook.webhook_id;
}

describe("webhooks", () => {
  it("are made, read, listed, changed and deleted; the secret is never answered", async () => {
    const made = await create({
      description: "builds",
      secret: "s3cret",
      events: [created, { entity: "MODEL_VERSION_ALIAS", action: "DELETED" }],
    });
    const webhook = {
      webhook_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: "ci",
      description: "builds",
      url: receiver.url,
      events: [created, { entity: "MODEL_VERSION_ALIAS", action: "DELETED" }],
      status: "ACTIVE",
      creation_timestamp: time,
      last_updated_timestamp: time,
    };
    expect(made).toEqual({ status: 200, body: { webhook } });
    const { webhook_id } = (made.body as { webhook: { webhook_id: string } }).webhook;
    const path = `${ROOT}/${webhook_id}`;
    expect(await mlflow.get(path)).toEqual({ status: 200, body: { webhook } });
    expect(await mlflow.get(ROOT)).toEqual({ status: 200, body: { webhooks: [webhook] } });
    const changed = await mlflow.patch(path, { status: "DISABLED", name: "cd" });
    expect(changed.body).toEqual({ webhook: { ...webhook, status: "DISABLED", name: "cd" } });
    expect(await mlflow.delete(path)).toEqual({ status: 200, body: {} });
    for (const call of [mlflow.get(path), mlflow.delete(path), mlflow.patch(path, { name: "x" })]) {
      expect((await call).body).toMatchObject({ error_code: "RESOURCE_DOES_NOT_EXIST" });
    }
    expect(await mlflow.get(ROOT)).toEqual({ status: 200, body: {} });
  });

  it("are listed page by page, newest first", async () => {
    const ids = [await newId(), await newId(), await newId()];
    const seen: string[] = [];
    let page_token = "";
    do {
      const { body } = await mlflow.get(ROOT, {
        max_results: "2",
        ...(page_token ? { page_token } : {}),
      });
      seen.push(...(body.webhooks as { webhook_id: string }[]).map((one) => one.webhook_id));
      page_token = (body.next_page_token as string | undefined) ?? "";
    } while (page_token);
    expect(seen).toEqual(ids.toReversed());
    expect(await mlflow.get(ROOT, { page_token: "nonsense" })).toEqual(invalid(/cursor/));
    expect((await mlflow.get(ROOT, { max_results: "0" })).status).toBe(400);
  });

  it("refuse what clients cannot mean", async () => {
    expect(await create({ events: [] })).toEqual(invalid(/^Missing value .* 'events'/));
    expect(await create({ name: "" })).toEqual(invalid(/^Missing value .* 'name'/));
    expect(await create({ url: "" })).toEqual(invalid(/^Missing value .* 'url'/));
    expect(await create({ events: [{ entity: "MODEL_VERSION_TAG", action: "CREATED" }] })).toEqual(
      invalid(
        "Invalid action 'created' for entity 'model_version_tag'. Valid actions are: ['set', 'deleted']",
      ),
    );
    expect(await create({ events: [{ entity: "PLANET", action: "CREATED" }] })).toEqual(
      invalid(/^Invalid value/),
    );
    for (const url of [
      "nonsense",
      "ftp://example.com",
      "https://user:pw@example.com",
      "http://169.254.169.254/",
    ]) {
      const { status, body } = await create({ url });
      expect([status, body.error_code], url).toEqual([400, "INVALID_PARAMETER_VALUE"]);
    }
    expect((await mlflow.get(`${ROOT}/not-an-id`)).status).toBe(404);
  });

  it("are tested with an example at once", async () => {
    const id = await newId({ secret: "s3cret" });
    const before = receiver.received.length;
    expect(await mlflow.post(`${ROOT}/${id}/test`, {})).toEqual({
      status: 200,
      body: { result: { success: true, response_status: 200, response_body: "noted" } },
    });
    const sent = receiver.received[before];
    expect(sent?.headers["x-mlflow-signature"]).toMatch(/^v1,/);
    expect(JSON.parse(sent?.body ?? "")).toMatchObject({
      entity: "registered_model",
      action: "created",
      data: { name: "example_model", tags: { example_key: "example_value" } },
    });
    receiver.answers.push(500);
    const event = { entity: "PROMPT", action: "CREATED" };
    expect((await mlflow.post(`${ROOT}/${id}/test`, { event })).body).toEqual({
      result: {
        success: false,
        response_status: 500,
        response_body: "noted",
        error_message: "The address answered 500.",
      },
    });
  });

  it("belong to the administrators of one workspace", async () => {
    const id = await newId();
    const engineer = mlflowClient(server, await workspace.key("ml_engineer"));
    expect((await engineer.get(ROOT)).body.error_code).toBe("PERMISSION_DENIED");
    const other = mlflowClient(server, await (await world.workspace()).key("admin"));
    expect(await other.get(ROOT)).toEqual({ status: 200, body: {} });
    expect((await other.get(`${ROOT}/${id}`)).status).toBe(404);
    expect((await other.post(`${ROOT}/${id}/test`, {})).status).toBe(404);
    expect((await other.delete(`${ROOT}/${id}`)).status).toBe(404);
  });
});
