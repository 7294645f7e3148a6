import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createApiKey, createRole, revokeApiKey, rotateApiKey, updateRole } from "@/server/access";
import { authenticateKey, errorHead, send } from "@/server/predictions";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { memberContext } from "./people";

let world: TestWorld;
let server: TestServer;
let a: TestWorkspace;
let b: TestWorkspace;

/** The prediction lane's own entry; behind it stands the caller's workspace instead of a model. */
const laneEntry =
  (runtime: TestServer["runtime"]) => (req: IncomingMessage, res: ServerResponse) => {
    if (!req.url?.startsWith("/v2/")) return false;
    void authenticateKey(runtime, req, res, "predictions:create").then(
      ({ workspaceSlug }) => send(res, 200, "r", "text/plain", workspaceSlug),
      (error: unknown) => {
        const { status, headers } = errorHead(error);
        send(res, status, "r", "application/json", "{}", headers);
      },
    );
    return true;
  };

beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world, laneEntry);
  a = await world.workspace();
  b = await world.workspace();
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const predict = (key: string, more: Record<string, string> = {}) =>
  fetch(`${server.url}/v2/models/m/infer`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, ...more },
    body: "{}",
  });

/** Calls until the first refusal and answers when the last good one was, milliseconds. */
async function lastGoodMs(key: string): Promise<number> {
  const from = Date.now();
  let last = 0;
  while (Date.now() - from < 20_000) {
    if ((await predict(key)).status !== 200) break;
    last = Date.now() - from;
    await sleep(10);
  }
  return last;
}

it("ends a revoked key within a second under constant use", async () => {
  const ctx = await memberContext(world, a, "admin");
  const { id, key } = await createApiKey(ctx, { name: "lane", role: "operator" });
  expect((await predict(key)).status).toBe(200);
  await revokeApiKey(ctx, { id });
  expect(await lastGoodMs(key)).toBeLessThan(10_000);
  expect((await predict(key)).status).toBe(401);
});

it("ends the old secret of a key rotated without overlap within a second", async () => {
  const ctx = await memberContext(world, a, "admin");
  const first = await createApiKey(ctx, { name: "lane", role: "operator" });
  expect((await predict(first.key)).status).toBe(200);
  const second = await rotateApiKey(ctx, { id: first.id, overlapHours: 0 });
  expect((await predict(second.key)).status).toBe(200);
  expect(await lastGoodMs(first.key)).toBeLessThan(10_000);
});

it("takes tokens, their workspace and their scopes, and a custom role as it is now", async () => {
  const ctx = await memberContext(world, a, "admin");
  await createRole(ctx, {
    name: "caller",
    permissions: ["predictions:create", "workspace:read"],
  });
  const { key } = await createApiKey(ctx, { name: "caller", role: "caller" });
  const exchange = async (scopes: string[] | null) => {
    const reply = await fetch(`${server.url}/api/v1/tokens`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ scopes }),
    });
    return (await reply.json()).accessToken as string;
  };
  const token = await exchange(null);
  expect(await (await predict(token)).text()).toBe(a.slug);
  expect((await predict(await exchange(["workspace:read"]))).status).toBe(403);
  expect((await predict(token, { "x-tenant-id": b.slug })).status).toBe(404);
  await updateRole(ctx, { name: "caller", permissions: ["workspace:read"] });
  await expect.poll(async () => (await predict(key)).status).toBe(403);
  await expect.poll(async () => (await predict(token)).status).toBe(403);
});
