import type { IncomingMessage, ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setQuotas } from "@/server/access";
import { authenticateKey, errorHead, send } from "@/server/predictions";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let server: TestServer;
let workspace: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world, predictionStandIn, {
    limits: { keyPerSecond: 5, workspacePerSecond: 12, trustedProxies: 1 },
  });
});
afterAll(async () => {
  await server.close();
  await world.close();
});

/** The prediction lane's own entry and reply, without a model behind it. */
const predictionStandIn =
  (runtime: TestServer["runtime"]) => (req: IncomingMessage, res: ServerResponse) => {
    if (!req.url?.startsWith("/v2/")) return false;
    void authenticateKey(runtime, req, res, "predictions:create").then(
      () => send(res, 200, "r", "application/json", "{}"),
      (error: unknown) => {
        const { status, headers } = errorHead(error);
        send(res, status, "r", "application/json", '{"error":"e"}', headers);
      },
    );
    return true;
  };

async function call(path: string, key: string, address = "9.9.9.9") {
  const reply = await fetch(server.url + path, {
    headers: { authorization: `Bearer ${key}`, "x-forwarded-for": address },
  });
  // biome-ignore lint/suspicious/noExplicitAny: each protocol has an error body of its own.
  return { status: reply.status, headers: reply.headers, body: (await reply.json()) as any };
}

/** Calls until one is refused; the limit is 5 a second. */
async function untilRefused(path: string, key: string) {
  for (let tries = 0; tries < 40; tries += 1) {
    const replies = await Promise.all(Array.from({ length: 8 }, () => call(path, key)));
    const refused = replies.find(({ status }) => status === 429);
    if (refused) return refused;
  }
  throw new Error("no call was refused");
}

const LANES = [
  ["REST", "/api/v1/me", { code: "rate_limited", status: 429 }],
  [
    "MLflow",
    "/api/2.0/mlflow/experiments/search?max_results=1",
    { error_code: "REQUEST_LIMIT_EXCEEDED" },
  ],
  ["tRPC", "/api/trpc/access.me", { error: { data: { code: "TOO_MANY_REQUESTS" } } }],
  ["predictions", "/v2/models/m/infer", { error: "e" }],
] as const;

describe("a caller over the limit", () => {
  it.each(LANES)(
    "%s answers 429 in its own words, with when to come back",
    async (_name, path, body) => {
      workspace = await world.workspace();
      const refused = await untilRefused(path, await workspace.key("admin"));
      expect(refused.body).toMatchObject(body);
      expect(refused.headers.get("retry-after")).toBe("1");
      expect(refused.headers.get("ratelimit-policy")).toBe('"key";q=5;w=1, "workspace";q=12;w=1');
      expect(refused.headers.get("ratelimit")).toMatch(
        /^"key";r=\d;t=1, "workspace";r=\d+;t=[01]$/,
      );
    },
  );

  it.each(LANES)("%s tells callers within the limit what is left", async (_name, path) => {
    workspace = await world.workspace();
    const reply = await call(path, await workspace.key("admin"));
    expect(reply.status).toBe(200);
    expect(reply.headers.get("ratelimit")).toContain('"key";r=4;t=1');
  });

  it("shares the workspace's limit with its other keys", async () => {
    workspace = await world.workspace();
    // So many that they are over before as many were admitted again, on a slow machine too.
    const keys = await Promise.all(Array.from({ length: 20 }, () => workspace.key("admin")));
    const replies = await Promise.all(
      keys.flatMap((key) => [0, 1, 2, 3, 4].map(() => call("/api/v1/me", key))),
    );
    const admitted = replies.filter(({ status }) => status === 200).length;
    expect(admitted).toBeLessThan(100);
    expect(admitted).toBeGreaterThanOrEqual(12);
  });
});

describe("a workspace with a quota", () => {
  it("keeps to its own requests a second soon after it was set", async () => {
    workspace = await world.workspace();
    const keys = await Promise.all([0, 1, 2].map(() => workspace.key("admin")));
    await setQuotas(workspace.as("admin"), { requestsPerSecondMax: 2 });
    const policy = async () =>
      (await call("/api/v1/me", keys[0] ?? "")).headers.get("ratelimit-policy");
    await expect.poll(policy).toContain('"workspace";q=2;w=1');
    // Until what the asking used up is there again.
    await new Promise((done) => setTimeout(done, 2_100));
    const replies = await Promise.all(
      keys.flatMap((key) => Array.from({ length: 8 }, () => call("/api/v1/me", key))),
    );
    const admitted = replies.filter(({ status }) => status === 200).length;
    expect(admitted).toBeGreaterThanOrEqual(2);
    expect(admitted).toBeLessThan(24);
  });
});

describe("wrong credentials", () => {
  it("from one address are refused with 429 after 20, on every lane; good keys pass on", async () => {
    workspace = await world.workspace();
    const good = await workspace.key("admin");
    await call("/api/v1/me", good, "6.6.6.6");
    const statuses = [];
    for (let at = 0; at < 20; at += 1) {
      statuses.push((await call("/api/v1/me", `mdy_guess${at}`, "6.6.6.6")).status);
    }
    expect(new Set(statuses)).toEqual(new Set([401]));
    for (const [, path] of LANES) {
      const { status, headers } = await call(path, "mdy_guess", "6.6.6.6");
      expect(`${path} ${status}`).toBe(`${path} 429`);
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    }
    const link = await fetch(`${server.url}/signin/link`, {
      method: "POST",
      redirect: "manual",
      headers: { "x-forwarded-for": "6.6.6.6" },
      body: new URLSearchParams({ token: "guess" }),
    });
    expect(link.status).toBe(429);
    expect((await call("/api/v1/me", "mdy_guess", "7.7.7.7")).status).toBe(401);
    expect((await call("/api/v1/me", good, "6.6.6.6")).status).toBe(200);
  });
});
