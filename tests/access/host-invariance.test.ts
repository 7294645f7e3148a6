import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashToken, newToken } from "@/server/access/session-token";
import { asOwner } from "../support/database";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { memberContext } from "./people";

const PUBLIC = "https://models.example.com";

let world: TestWorld;
let server: TestServer;
let workspace: TestWorkspace;
let key: string;
let cookie: string;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world, undefined, { publicUrl: PUBLIC });
  workspace = await world.workspace();
  key = await workspace.key("viewer");
  const { userId } = await memberContext(world, workspace, "admin");
  const token = newToken();
  await asOwner(
    world.db.ownerUrl,
    "insert into sessions (token_hash, user_id, expires_at) values ($1, $2, now() + interval '1 hour')",
    [hashToken(token), userId],
  );
  cookie = `next-auth.session-token=${token}`;
});
afterAll(async () => {
  await server.close();
  await world.close();
});

/** Headers and path go out as written. */
function ask(path: string, headers: Record<string, string>, method = "GET", body = "") {
  const { hostname, port } = new URL(server.url);
  return new Promise<{ status: number; code: string }>((resolve, reject) => {
    const out = request({ hostname, port, path, method, headers }, (reply) => {
      let text = "";
      reply.on("data", (chunk) => {
        text += chunk;
      });
      reply.on("end", () => {
        const code = /"code":"(\w+)"/.exec(text)?.[1] ?? "";
        resolve({ status: reply.statusCode ?? 0, code });
      });
    });
    out.on("error", reject);
    out.end(body);
  });
}

const STRANGE: Record<string, string>[] = [
  { host: "evil.example" },
  { host: "localhost" },
  { host: "127.0.0.1:1" },
  { "x-forwarded-host": "localhost" },
  { "x-forwarded-for": "127.0.0.1" },
  { "x-forwarded-proto": "https", "x-forwarded-prefix": "/health" },
  { "x-original-url": "/health", "x-rewrite-url": "/health" },
  { "x-real-ip": "127.0.0.1", forwarded: "for=127.0.0.1;host=localhost" },
  { "x-http-method-override": "GET", "x-method-override": "GET" },
  { "x-middleware-subrequest": "middleware:middleware:middleware:middleware:middleware" },
  { "x-middleware-rewrite": "/health", "x-middleware-next": "1", "x-invoke-path": "/health" },
  { "next-router-prefetch": "1", rsc: "1", "x-nextjs-data": "1" },
];

describe("who may do what does not hang on Host or forwarding headers", () => {
  it.each(STRANGE)("%j lets no stranger in", async (headers) => {
    for (const path of ["/api/v1/me", "/api/v1/models", "/api/trpc/access.me?input=%7B%7D"]) {
      expect((await ask(path, headers)).status, path).toBe(401);
    }
    const wrong = { ...headers, authorization: "Bearer mdy_wrong0000000_x" };
    expect((await ask("/api/v1/me", wrong)).status).toBe(401);
  });

  it.each(STRANGE)("%j takes and gives a key nothing", async (headers) => {
    const own = { ...headers, authorization: `Bearer ${key}` };
    expect((await ask("/api/v1/models", own)).status).toBe(200);
    const body = JSON.stringify({ name: "m", type: "regression", framework: "xgboost" });
    const write = { ...own, "content-type": "application/json" };
    expect(await ask("/api/v1/models", write, "POST", body)).toEqual({
      status: 403,
      code: "forbidden",
    });
  });

  it.each([
    "//api/v1/me",
    "/api//v1/me",
    "/api/v1/../v1/me",
    "/api/v1/./me",
    "/API/v1/me",
    "/api/v1/me/",
    "/api/v1/me;/health",
    "/health/../api/v1/me",
    "/api/v1/me%2f..%2f..%2fhealth",
    "/api/v1/me.rsc",
    "/api/v1/me?_rsc=1",
  ])("no spelling of a path answers a stranger: %s", async (path) => {
    expect([401, 404]).toContain((await ask(path, {})).status);
  });
});

describe("a write that a cookie brings", () => {
  const write = (origin: string | undefined, host?: string) =>
    ask(
      "/api/v1/experiments",
      {
        cookie,
        "content-type": "application/json",
        "x-modelyard-workspace": workspace.slug,
        ...(origin === undefined ? {} : { origin }),
        ...(host === undefined ? {} : { host }),
      },
      "POST",
      JSON.stringify({ name: `study ${Math.random()}` }),
    );

  it("passes from the host that was asked and from MODELYARD_URL", async () => {
    expect((await write(server.url)).status).toBe(201);
    expect((await write(PUBLIC)).status).toBe(201);
    expect((await write(PUBLIC, "localhost:3000")).status).toBe(201);
  });

  it.each([
    undefined,
    "null",
    "https://evil.example",
    "http://models.example.com",
    "https://models.example.com:444",
    "https://models.example.com.evil.example",
    "https://evil-models.example.com",
    "https://models.example.com@evil.example",
    "https://MODELS.example.com.",
    "x",
  ])("is refused from %s", async (origin) => {
    expect((await write(origin)).status).toBe(403);
  });
});
