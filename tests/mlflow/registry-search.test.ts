import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorld } from "../support/workspace";
import { type MlflowClient, mlflowClient } from "./client";

let world: TestWorld;
let server: TestServer;
let mlflow: MlflowClient;
const MODELS = "/mlflow/registered-models";
const VERSIONS = "/mlflow/model-versions";

const create = (name: string, tags: Record<string, string> = {}) =>
  mlflow.post(`${MODELS}/create`, {
    name,
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  });
const addVersion = (name: string, source: string, more: object = {}) =>
  mlflow.post(`${VERSIONS}/create`, { name, source, ...more });

beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  mlflow = mlflowClient(server, await (await world.workspace()).key("data_scientist"));
  await create("churn", { team: "risk", "a b": "1" });
  await create("Churn", { team: "growth" });
  await create("price's", { team: "risk" });
  await create("50% off_now");
  await create("greeting", { "mlflow.prompt.is_prompt": "true" });
  await addVersion("churn", "s3://b/1", {
    run_id: "run-a",
    tags: [{ key: "stage", value: "old" }],
  });
  await addVersion("churn", "s3://b/2", { run_id: "run-b" });
  await addVersion("churn", "s3://c/3", {
    run_id: "run-b",
    tags: [{ key: "stage", value: "new" }],
  });
  await addVersion("Churn", "s3://b/1", { run_id: "run-c" });
  await mlflow.post(`${VERSIONS}/create`, {
    name: "greeting",
    source: "prompt-template",
    tags: [
      { key: "mlflow.prompt.is_prompt", value: "true" },
      { key: "mlflow.prompt.text", value: "Hello {{name}}" },
    ],
  });
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const names = async (filter?: string, more: Record<string, string | string[]> = {}) => {
  const { body } = await mlflow.get(`${MODELS}/search`, { ...(filter ? { filter } : {}), ...more });
  return ((body.registered_models ?? []) as { name: string }[]).map(({ name }) => name);
};
const versions = async (filter?: string, more: Record<string, string | string[]> = {}) => {
  const { body } = await mlflow.get(`${VERSIONS}/search`, {
    ...(filter ? { filter } : {}),
    ...more,
  });
  return ((body.model_versions ?? []) as { name: string; version: string }[]).map(
    ({ name, version }) => `${name}/${version}`,
  );
};

describe("registered-models/search", () => {
  it.each([
    [undefined, ["50% off_now", "Churn", "churn", "price's"]],
    ["name = 'churn'", ["churn"]],
    ["name = 'price''s'", ["price's"]],
    ['name = "price\'s"', ["price's"]],
    ["name != 'churn'", ["50% off_now", "Churn", "price's"]],
    ["name LIKE '%hurn'", ["Churn", "churn"]],
    ["name LIKE 'c%'", ["churn"]],
    ["name ILIKE 'c%'", ["Churn", "churn"]],
    ["name IN ('churn', 'nobody', 'price''s')", ["churn", "price's"]],
    ["tags.team = 'risk'", ["churn", "price's"]],
    ["tags.team != 'risk'", ["Churn"]],
    ["tags.`a b` = '1' AND name LIKE '%c%'", ["churn"]],
    ["tags.team = 'growth' OR name = 'churn'", ["Churn", "churn"]],
    ["NOT tags.team = 'risk'", ["50% off_now", "Churn"]],
    ["tags.team IS NULL", ["50% off_now"]],
    ["tags.`mlflow.prompt.is_prompt` = 'true'", ["greeting"]],
    ["tags.`mlflow.prompt.is_prompt` != 'true' AND tags.team = 'growth'", ["Churn"]],
    ["name = 'nobody'", []],
  ])("finds by %s", async (filter, expected) => {
    expect(await names(filter)).toEqual(expected);
  });

  it("sorts by name and times, and pages by tokens that do not count", async () => {
    expect(await names(undefined, { order_by: ["name DESC"] })).toEqual([
      "price's",
      "churn",
      "Churn",
      "50% off_now",
    ]);
    expect((await names(undefined, { order_by: ["creation_timestamp DESC"] }))[0]).toBe(
      "50% off_now",
    );
    expect((await names(undefined, { order_by: ["timestamp DESC", "name"] }))[0]).toBe("Churn");
    for (const order_by of [
      ["name ASC"],
      ["name DESC"],
      ["last_updated_timestamp DESC"],
      ["creation_timestamp", "name DESC"],
    ]) {
      const seen: string[] = [];
      let token: string | undefined;
      do {
        const { body } = await mlflow.get(`${MODELS}/search`, {
          max_results: "1",
          order_by,
          ...(token ? { page_token: token } : {}),
        });
        seen.push(...(body.registered_models as { name: string }[]).map(({ name }) => name));
        token = body.next_page_token as string | undefined;
      } while (token);
      expect(seen).toEqual(await names(undefined, { order_by }));
    }
  });

  it.each([
    [{ filter: "color = 'red'" }, /attribute/],
    [{ filter: "name > 'a'" }, /./],
    [{ filter: "name = churn" }, /./],
    [{ filter: "name = 'a' AND" }, /./],
    [{ order_by: ["color"] }, /color/],
    [{ order_by: ["name", "name DESC"] }, /duplicate/],
    [{ max_results: "0" }, /max_results/],
    [{ max_results: "1001" }, /It must be at most 1000, but got value 1001/],
    [{ page_token: "nonsense" }, /cursor/],
    [{ page_token: Buffer.from('["a","b"]').toString("base64url") }, /cursor/],
  ])("refuses %j", async (args, message) => {
    const { status, body } = await mlflow.get(`${MODELS}/search`, args as Record<string, string>);
    expect(status).toBe(400);
    expect(body).toEqual({
      error_code: "INVALID_PARAMETER_VALUE",
      message: expect.stringMatching(message),
    });
  });
});

describe("model-versions/search", () => {
  it.each([
    [undefined, ["Churn/1", "churn/3", "churn/2", "churn/1"]],
    ["name = 'churn'", ["churn/3", "churn/2", "churn/1"]],
    ["name = 'churn' AND version_number > 1", ["churn/3", "churn/2"]],
    ["version_number = 1", ["Churn/1", "churn/1"]],
    ["run_id = 'run-b'", ["churn/3", "churn/2"]],
    ["run_id IN ('run-a', 'run-c')", ["Churn/1", "churn/1"]],
    ["run_id != 'run-b'", ["Churn/1", "churn/1"]],
    ["source_path = 's3://b/1'", ["Churn/1", "churn/1"]],
    ["source_path LIKE 's3://c/%'", ["churn/3"]],
    ["tags.stage = 'new'", ["churn/3"]],
    ["tags.stage != 'new'", ["churn/1"]],
    ["tag.stage ILIKE 'O%' OR name = 'Churn'", ["Churn/1", "churn/1"]],
    ["tags.`mlflow.prompt.is_prompt` = 'true'", ["greeting/1"]],
    ["name = 'greeting'", []],
  ])("finds by %s", async (filter, expected) => {
    expect(await versions(filter)).toEqual(expected);
  });

  it("sorts and pages", async () => {
    expect(await versions(undefined, { order_by: ["name DESC", "version_number ASC"] })).toEqual([
      "churn/1",
      "churn/2",
      "churn/3",
      "Churn/1",
    ]);
    expect(await versions(undefined, { order_by: ["version_number DESC"] })).toEqual([
      "churn/3",
      "churn/2",
      "Churn/1",
      "churn/1",
    ]);
    const first = await mlflow.get(`${VERSIONS}/search`, { max_results: "3" });
    const page_token = String(first.body.next_page_token);
    expect(await versions(undefined, { max_results: "3", page_token })).toEqual(["churn/1"]);
  });

  it.each([
    [{ filter: "stage = 'Production'" }],
    [{ filter: "version_number = 'one'" }],
    [{ order_by: ["source_path"] }],
    [{ max_results: "200001" }],
    [{ max_results: "-1" }],
  ])("refuses %j", async (args) => {
    const { status, body } = await mlflow.get(`${VERSIONS}/search`, args as Record<string, string>);
    expect([status, body.error_code]).toEqual([400, "INVALID_PARAMETER_VALUE"]);
  });
});
