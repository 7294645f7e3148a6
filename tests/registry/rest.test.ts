import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorld } from "../support/workspace";

let world: TestWorld;
let server: TestServer;
let headers: Record<string, string>;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  const key = await (await world.workspace()).key("admin");
  headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const post = (body: string) =>
  fetch(`${server.url}/api/v1/models`, { method: "POST", headers, body });

it("creates and lists a model over HTTP", async () => {
  const created = await post(
    JSON.stringify({ name: "m", type: "regression", framework: "xgboost" }),
  );
  expect(created.status).toBe(201);
  const list = await fetch(`${server.url}/api/v1/models`, { headers });
  expect(await list.json()).toMatchObject({ items: [{ name: "m" }], nextCursor: null });
});

it("answers problem+json that says what to fix", async () => {
  const broken = await post("{");
  expect(broken.status).toBe(400);
  expect(broken.headers.get("content-type")).toBe("application/problem+json");
  const wrong = await post(JSON.stringify({ name: "x", type: "regression", framework: "prolog" }));
  expect(wrong.status).toBe(422);
  expect(await wrong.json()).toMatchObject({
    code: "validation_failed",
    issues: [{ path: "framework" }],
  });
});

it("refuses calls without a key, with a wrong key, and unknown routes", async () => {
  expect((await fetch(`${server.url}/api/v1/models`)).status).toBe(401);
  const wrong = await fetch(`${server.url}/api/v1/models`, {
    headers: { authorization: "Bearer mdy_nothing" },
  });
  expect(wrong.status).toBe(401);
  expect((await fetch(`${server.url}/api/v1/nothing`, { headers })).status).toBe(404);
});
