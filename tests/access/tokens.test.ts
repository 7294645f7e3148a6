import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  changeRole,
  createApiKey,
  removeMember,
  revokeApiKey,
  rotateApiKey,
} from "@/server/access";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { auditActions, memberContext } from "./people";

const ISSUER = "https://issuer.example.com";
const AUDIENCE = "modelyard-test";

let world: TestWorld;
let server: TestServer;
let jwks: Server;
let stranger: Server;
let strangerHits = 0;
let jwksUp = true;
let a: TestWorkspace;
let b: TestWorkspace;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;

beforeAll(async () => {
  world = await createTestWorld();
  keys = await generateKeyPair("ES256");
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: "k1", alg: "ES256" };
  jwks = createServer((_req, res) =>
    jwksUp ? res.end(JSON.stringify({ keys: [jwk] })) : res.writeHead(500).end(),
  );
  stranger = createServer((_req, res) => {
    strangerHits += 1;
    res.end(JSON.stringify({ keys: [jwk] }));
  });
  for (const one of [jwks, stranger]) {
    await new Promise<void>((done) => one.listen(0, "127.0.0.1", done));
  }
  server = await startTestServer(world, undefined, {
    externalIssuer: {
      issuer: ISSUER,
      audience: AUDIENCE,
      jwksUrl: `http://127.0.0.1:${(jwks.address() as AddressInfo).port}/jwks`,
      algorithms: ["ES256"],
      claim: "modelyard_workspaces",
    },
  });
  a = await world.workspace();
  b = await world.workspace();
});
afterAll(async () => {
  await server.close();
  await world.close();
  jwks.close();
  stranger.close();
});

const call = (key: string, path = "/me", init: RequestInit = {}) =>
  fetch(`${server.url}/api/v1${path}`, {
    ...init,
    headers: {
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      ...(init.headers as Record<string, string>),
    },
  });
const permissionsOf = async (key: string): Promise<string[]> =>
  (await (await call(key)).json()).permissions ?? [];

describe("API keys", () => {
  it("carry a checksum, and one that does not fit is refused", async () => {
    const ctx = await memberContext(world, a, "admin");
    const { key } = await createApiKey(ctx, { name: "sum", role: "viewer" });
    expect(key).toMatch(/^mdy_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/);
    const broken = key.slice(0, -6) + [...key.slice(-6)].toReversed().join("");
    expect((await call(broken)).status).toBe(broken === key ? 200 : 401);
  });

  it("rotate with an overlap: both secrets work, then only the new one", async () => {
    const ctx = await memberContext(world, a, "admin");
    const first = await createApiKey(ctx, { name: "rotating", role: "viewer" });
    const second = await rotateApiKey(ctx, { id: first.id, overlapHours: 6 / 3600 });
    expect(second.key).not.toBe(first.key);
    expect(second.prefix).toBe(first.prefix);
    expect((await call(first.key)).status).toBe(200);
    expect((await call(second.key)).status).toBe(200);
    await expect.poll(async () => (await call(first.key)).status).toBe(401);
    expect((await call(second.key)).status).toBe(200);
    expect(await auditActions(world, a.id)).toContain("api_key.rotated");
  });

  it("are rotated by nobody of another workspace, without the right, or after their end", async () => {
    const ctx = await memberContext(world, a, "admin");
    const { id } = await createApiKey(ctx, { name: "k", role: "admin" });
    await expect(rotateApiKey(b.as("admin"), { id })).rejects.toMatchObject({ code: "not_found" });
    await expect(rotateApiKey(a.as("operator"), { id })).rejects.toMatchObject({
      code: "forbidden",
    });
    const narrower = {
      ...a.as("viewer"),
      actor: {
        type: "user" as const,
        userId: ctx.userId,
        name: "n",
        role: "keeper",
        allows: (one: string) => one === "api_keys:write",
      },
    };
    await expect(rotateApiKey(narrower, { id })).rejects.toMatchObject({ code: "forbidden" });
    await revokeApiKey(ctx, { id });
    await expect(rotateApiKey(ctx, { id })).rejects.toMatchObject({ code: "conflict" });
  });

  it("never outgrow their maker: scopes at issue, demotion and removal at use", async () => {
    const boss = await memberContext(world, a, "admin", "boss");
    const maker = await memberContext(world, a, "admin", "maker");
    const scoped = await createApiKey(maker, {
      name: "scoped",
      role: "admin",
      scopes: ["models:write", "workspace:read"],
    });
    expect(await permissionsOf(scoped.key)).toEqual(["workspace:read", "models:write"]);
    await changeRole(boss, { userId: maker.userId, role: "viewer" });
    await expect.poll(() => permissionsOf(scoped.key)).toEqual(["workspace:read"]);
    await removeMember(boss, { userId: maker.userId });
    await expect.poll(async () => (await call(scoped.key)).status).toBe(401);
  });

  it("make keys no wider than themselves, bound to the same person", async () => {
    const maker = await memberContext(world, a, "admin", "maker");
    const first = await createApiKey(maker, {
      name: "first",
      role: "admin",
      scopes: ["api_keys:write", "workspace:read", "models:read"],
    });
    const post = (body: unknown) =>
      call(first.key, "/api-keys", { method: "POST", body: JSON.stringify(body) });
    expect((await post({ name: "wide", role: "viewer" })).status).toBe(403);
    const reply = await post({ name: "child", role: "viewer", scopes: ["workspace:read"] });
    expect(reply.status).toBe(201);
    const child = await reply.json();
    await removeMember(await memberContext(world, a, "admin"), { userId: maker.userId });
    await expect.poll(async () => (await call(child.key)).status).toBe(401);
  });

  it("are refused with unknown fields", async () => {
    const { key } = await createApiKey(await memberContext(world, a, "admin"), {
      name: "k",
      role: "admin",
    });
    const body = JSON.stringify({ name: "x", role: "viewer", workspaceId: b.id });
    expect((await call(key, "/api-keys", { method: "POST", body })).status).toBe(422);
  });
});

describe("tokens exchanged from a key", () => {
  const exchange = (key: string, body: unknown = {}) =>
    call(key, "/tokens", { method: "POST", body: JSON.stringify(body) });

  it("stand for the key within narrower scopes, and end with it within a second", async () => {
    const ctx = await memberContext(world, a, "admin");
    const made = await createApiKey(ctx, { name: "exchange", role: "ml_engineer" });
    const reply = await exchange(made.key, { scopes: ["models:read", "workspace:read"] });
    expect(reply.status).toBe(201);
    const { accessToken, expiresIn } = await reply.json();
    expect(expiresIn).toBe(900);
    expect(await permissionsOf(accessToken)).toEqual(["workspace:read", "models:read"]);
    expect((await exchange(accessToken)).status).toBe(409);
    await revokeApiKey(ctx, { id: made.id });
    await expect.poll(async () => (await call(accessToken)).status).toBe(401);
  });

  it("carry no right to make lasting credentials, nor more than the key", async () => {
    const ctx = await memberContext(world, a, "admin");
    const admin = await createApiKey(ctx, { name: "admin", role: "admin" });
    const { accessToken } = await (await exchange(admin.key)).json();
    const may = await permissionsOf(accessToken);
    expect(may).not.toContain("api_keys:write");
    expect(may).not.toContain("members:write");
    expect(may).toContain("models:write");
    const viewer = await createApiKey(ctx, { name: "viewer", role: "viewer" });
    expect((await exchange(viewer.key, { scopes: ["models:write"] })).status).toBe(403);
    expect(await auditActions(world, a.id)).toContain("token.issued");
  });

  it("are refused when forged, unsigned, or for another workspace", async () => {
    const ctx = await memberContext(world, a, "admin");
    const made = await createApiKey(ctx, { name: "forge", role: "viewer" });
    const { accessToken } = await (await exchange(made.key)).json();
    const [head = "", body = "", signature = ""] = accessToken.split(".");
    const changed = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(body, "base64url").toString()), scopes: null }),
    ).toString("base64url");
    expect((await call(`${head}.${changed}x.${signature}`)).status).toBe(401);
    const none = new UnsecuredJWT({ key: made.prefix.slice(4), scopes: null })
      .setIssuer("modelyard")
      .setAudience("modelyard")
      .setSubject(made.id)
      .setExpirationTime("1h")
      .encode();
    expect((await call(none)).status).toBe(401);
    expect((await call(accessToken, "/me", { headers: { "x-tenant-id": b.slug } })).status).toBe(
      404,
    );
    expect((await call(accessToken, "/me", { headers: { "x-tenant-id": a.id } })).status).toBe(200);
  });
});

describe("tokens of a configured issuer", () => {
  const sign = (claims: Record<string, unknown>, more: { header?: object; key?: unknown } = {}) =>
    new SignJWT({ modelyard_workspaces: { [a.slug]: "viewer" }, ...claims })
      .setProtectedHeader({ alg: "ES256", kid: "k1", ...more.header })
      .setIssuer((claims.iss as string) ?? ISSUER)
      .setAudience((claims.aud as string) ?? AUDIENCE)
      .setSubject("robot")
      .setExpirationTime((claims.exp as number) ?? "5m")
      .sign((more.key ?? keys.privateKey) as CryptoKey);

  it("are taken, and X-Tenant-ID picks among several workspaces", async () => {
    const both = await sign({ modelyard_workspaces: { [a.slug]: "viewer", [b.slug]: "admin" } });
    expect((await call(both)).status).toBe(400);
    const inB = await (await call(both, "/me", { headers: { "x-tenant-id": b.slug } })).json();
    expect(inB).toMatchObject({ workspace: { id: b.id }, actor: { role: "admin", name: "robot" } });
    const onlyA = await sign({});
    expect((await call(onlyA)).status).toBe(200);
    expect((await call(onlyA, "/me", { headers: { "x-tenant-id": b.slug } })).status).toBe(404);
  });

  it("are refused with another issuer, audience, signature or algorithm, or after their end", async () => {
    const foreign = await generateKeyPair("ES256");
    const hmac = await new SignJWT({ modelyard_workspaces: { [a.slug]: "admin" } })
      .setProtectedHeader({ alg: "HS256", kid: "k1" })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject("robot")
      .setExpirationTime("5m")
      .sign(Buffer.from(JSON.stringify(await exportJWK(keys.publicKey))));
    const bad = [
      await sign({ iss: "https://other.example.com" }),
      await sign({ aud: "somebody-else" }),
      await sign({ exp: Math.floor(Date.now() / 1000) - 60 }),
      await sign({}, { key: foreign.privateKey }),
      await sign({ modelyard_workspaces: "all" }),
      hmac,
    ];
    for (const token of bad) expect((await call(token)).status).toBe(401);
  });

  it("never make the server fetch a key from an address inside the token", async () => {
    const { port } = stranger.address() as AddressInfo;
    const foreign = await generateKeyPair("ES256");
    const jku = `http://127.0.0.1:${port}/jwks`;
    const token = await sign({}, { header: { jku, x5u: jku }, key: foreign.privateKey });
    expect((await call(token)).status).toBe(401);
    expect(strangerHits).toBe(0);
  });

  it("are told apart though they share sixty characters", async () => {
    const inA = await sign({ modelyard_workspaces: { [a.slug]: "viewer" } });
    const inB = await sign({ modelyard_workspaces: { [b.slug]: "viewer" } });
    expect(inA.slice(0, 60)).toBe(inB.slice(0, 60));
    expect((await (await call(inA)).json()).workspace.id).toBe(a.id);
    expect((await (await call(inB)).json()).workspace.id).toBe(b.id);
  });

  it("give no rights by a role that does not exist", async () => {
    const token = await sign({ modelyard_workspaces: { [a.slug]: "emperor" } });
    expect((await call(token)).status).toBe(403);
  });

  it("answer 503, never anonymous, while the issuer's keys cannot be read", async () => {
    jwksUp = false;
    const { port } = jwks.address() as AddressInfo;
    const lonely = await startTestServer(world, undefined, {
      externalIssuer: {
        issuer: ISSUER,
        audience: AUDIENCE,
        jwksUrl: `http://127.0.0.1:${port}/jwks`,
        algorithms: ["ES256"],
        claim: "modelyard_workspaces",
      },
    });
    const reply = await fetch(`${lonely.url}/api/v1/me`, {
      headers: { authorization: `Bearer ${await sign({})}` },
    });
    expect(reply.status).toBe(503);
    jwksUp = true;
    await lonely.close();
  });
});
