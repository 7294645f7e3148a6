import { performance } from "node:perf_hooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { JSON_DEPTH_MAX, JSON_KEYS_MAX } from "@/server/limits/check-json";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorld } from "../support/workspace";

const MIB = 1024 * 1024;

let world: TestWorld;
let server: TestServer;
let key: string;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  key = await (await world.workspace()).key("admin");
  await post("/api/v1/models", "{}");
});
afterAll(async () => {
  await server.close();
  await world.close();
});

async function post(path: string, body: string): Promise<{ status: number; ms: number }> {
  const startedMs = performance.now();
  const reply = await fetch(server.url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body,
  });
  await reply.text();
  return { status: reply.status, ms: performance.now() - startedMs };
}

const padded = (bytes: number) => {
  const shell = '{"name":""}';
  return `{"name":"${"x".repeat(bytes - shell.length)}"}`;
};
const nested = (depth: number) => `{"name":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
const wide = (keys: number) =>
  `{${Array.from({ length: keys }, (_, at) => `"${at}":1`).join(",")}}`;

/** 422: read whole, and refused for what it says. */
const LIMITS = [
  ["bytes", padded(MIB), 422, padded(MIB + 1), 413],
  ["depth", nested(JSON_DEPTH_MAX), 422, nested(JSON_DEPTH_MAX + 1), 422],
  ["keys", wide(JSON_KEYS_MAX), 422, wide(JSON_KEYS_MAX + 1), 422],
] as const;

describe("a JSON body over REST", () => {
  it.each(LIMITS)("is read at the limit of %s", async (_name, at, status) => {
    expect((await post("/api/v1/models", at)).status).toBe(status);
  });

  it.each(LIMITS)(
    "is refused one above the limit of %s, soon",
    async (_name, _at, _status, above, refused) => {
      await post("/api/v1/models", above);
      const tries = [];
      for (let round = 0; round < 3; round += 1) tries.push(await post("/api/v1/models", above));
      expect(tries.every(({ status }) => status === refused)).toBe(true);
      expect(Math.min(...tries.map(({ ms }) => ms))).toBeLessThan(5_000);
    },
  );

  it("names the limit that was passed", async () => {
    const reply = await fetch(`${server.url}/api/v1/models`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: nested(JSON_DEPTH_MAX + 1),
    });
    expect(await reply.json()).toMatchObject({ detail: expect.stringMatching(/32 deep/) });
  });

  it("may hold brackets inside text as deep as it likes", async () => {
    const description = "[".repeat(1000);
    const body = JSON.stringify({
      name: "m",
      type: "regression",
      framework: "xgboost",
      description,
    });
    expect((await post("/api/v1/models", body)).status).toBe(201);
  });
});

describe("the other lanes", () => {
  it.each([
    ["tRPC", "/api/trpc/registry.createModel"],
    ["MLflow", "/api/2.0/mlflow/experiments/create"],
  ])("%s refuses what is too deep, without a 5xx", async (_name, path) => {
    const { status } = await post(path, nested(10_000));
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });

  it("tRPC refuses a body of more than 1 MiB with 413", async () => {
    expect((await post("/api/trpc/registry.createModel", padded(MIB + 1))).status).toBe(413);
  });
});

describe("headers", () => {
  it("of more than 16 KiB are refused with 431", async () => {
    const reply = await fetch(`${server.url}/api/v1/me`, {
      headers: { "x-long": "x".repeat(17_000) },
    });
    expect(reply.status).toBe(431);
  });
});
