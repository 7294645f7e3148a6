import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createOidcProvider,
  deleteOidcProvider,
  listMembers,
  listOidcProviders,
  listSignInProviders,
  testOidcProvider,
  updateOidcProvider,
} from "@/server/access";
import { completeSignIn } from "@/server/access/oidc/complete-sign-in";
import { findSignInProvider, type SignInProvider } from "@/server/access/oidc/sign-in-provider";
import { createOutbound } from "@/server/kernel/outbound";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { auditActions } from "./people";

let world: TestWorld;
let idp: Server;
let issuer: string;
let described: Record<string, unknown>;
const seen: string[] = [];
let a: TestWorkspace;
let b: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
  b = await world.workspace();
  idp = createServer((req, res) => {
    seen.push(JSON.stringify(req.headers) + req.url);
    res.end(JSON.stringify(described));
  });
  await new Promise<void>((done) => idp.listen(0, "127.0.0.1", done));
  issuer = `http://127.0.0.1:${(idp.address() as AddressInfo).port}`;
  described = {
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
  };
});
afterAll(async () => {
  idp.closeAllConnections();
  idp.close();
  await world.close();
});

const SECRET = "the-secret-canary-8431";
const add = (workspace = a, more: object = {}) =>
  createOidcProvider(workspace.as("admin"), {
    name: "IdP",
    issuer,
    clientId: "modelyard",
    clientSecret: SECRET,
    groupRoles: [
      { group: "ml", role: "ml_engineer" },
      { group: "all", role: "viewer" },
    ],
    ...more,
  });

describe("a sign-in provider", () => {
  it("keeps its secret sealed, bound to its row, and shows it to nobody", async () => {
    const made = await add();
    expect(JSON.stringify([made, await listOidcProviders(a.as("admin"))])).not.toContain(SECRET);
    const dump = await asOwner(
      world.db.ownerUrl,
      "select encode(client_secret, 'escape') as sealed, (select jsonb_agg(l.after) from audit_log l) as trail from oidc_providers",
    );
    expect(JSON.stringify(dump)).not.toContain(SECRET);
    const { ports } = a.as("admin");
    expect((await findSignInProvider(world.db.pool, ports, made.id))?.clientSecret).toBe(SECRET);
    const twin = await add(b);
    await asOwner(
      world.db.ownerUrl,
      "update oidc_providers set client_secret = (select client_secret from oidc_providers where id = $1) where id = $2",
      [made.id, twin.id],
    );
    await expect(findSignInProvider(world.db.pool, ports, twin.id)).rejects.toThrow();
  });

  it("loses its secret and is switched off when its issuer changes without a new one", async () => {
    const { id } = await add();
    const ctx = a.as("admin");
    const elsewhere = "https://elsewhere.example.com";
    await expect(
      updateOidcProvider(ctx, { id, issuer: elsewhere, enabled: true }),
    ).rejects.toMatchObject({ code: "conflict" });
    const moved = await updateOidcProvider(ctx, { id, issuer: elsewhere });
    expect(moved).toMatchObject({ hasClientSecret: false, enabled: false });
    await updateOidcProvider(ctx, { id, issuer, clientSecret: "new one" });
    const kept = await updateOidcProvider(ctx, { id, name: "Renamed" });
    expect(kept.hasClientSecret).toBe(true);
    expect(await auditActions(world, a.id)).toContain("oidc_provider.updated");
  });

  it("is tested without showing a secret, and told what is wrong", async () => {
    const { id } = await add();
    const ctx = a.as("admin");
    expect(await testOidcProvider(ctx, { id })).toMatchObject({ ok: true });
    expect(seen.join()).not.toContain(SECRET);
    const good = described;
    described = { ...good, issuer: "https://accounts.example.com" };
    expect((await testOidcProvider(ctx, { id })).message).toContain("another issuer");
    described = { ...good, token_endpoint: "http://169.254.169.254/token" };
    expect(await testOidcProvider(ctx, { id })).toMatchObject({ ok: false });
    described = { nothing: true };
    expect(await testOidcProvider(ctx, { id })).toMatchObject({ ok: false });
    described = good;
  });

  it("is not let point at private addresses unless the installation allows it", async () => {
    const ctx = a.as("admin");
    const closed = {
      ...ctx,
      ports: { ...ctx.ports, outbound: createOutbound({ allowPrivate: false }) },
    };
    for (const bad of [
      issuer,
      "http://accounts.example.com",
      "https://127.1/",
      "https://[::1]",
      "https://localhost",
    ]) {
      await expect(
        createOidcProvider(closed, { name: "x", issuer: bad, clientId: "x" }),
      ).rejects.toMatchObject({ code: "validation_failed" });
    }
  });

  it("exists in its own workspace only, and for administrators only", async () => {
    const { id } = await add();
    for (const call of [
      () => updateOidcProvider(b.as("admin"), { id, name: "x" }),
      () => testOidcProvider(b.as("admin"), { id }),
      () => deleteOidcProvider(b.as("admin"), { id }),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: "not_found" });
    }
    for (const role of ["viewer", "data_scientist", "ml_engineer", "operator"] as const) {
      for (const call of [
        listOidcProviders(a.as(role)),
        createOidcProvider(a.as(role), { name: "x", issuer, clientId: "x" }),
        updateOidcProvider(a.as(role), { id }),
        testOidcProvider(a.as(role), { id }),
        deleteOidcProvider(a.as(role), { id }),
      ]) {
        await expect(call).rejects.toMatchObject({ code: "forbidden" });
      }
    }
    await expect(add(a, { groupRoles: [{ group: "g", role: "emperor" }] })).rejects.toMatchObject({
      code: "validation_failed",
    });
  });

  it("is offered by its workspace alone, and an unknown workspace looks like an empty one", async () => {
    const own = await world.workspace();
    const made = await add(own);
    const ids = (await listSignInProviders(world.db.pool, own.slug)).map((one) => one.id);
    expect(ids).toEqual([made.id]);
    expect(await listSignInProviders(world.db.pool, "no-such-workspace")).toEqual([]);
    expect(await listSignInProviders(world.db.pool, null)).toEqual([]);
    await updateOidcProvider(own.as("admin"), { id: made.id, enabled: false });
    expect(await listSignInProviders(world.db.pool, own.slug)).toEqual([]);
    expect(await findSignInProvider(world.db.pool, own.job().ports, made.id)).toBeNull();
  });
});

describe("who a provider vouches for", () => {
  const load = async (workspace: TestWorkspace, id: string): Promise<SignInProvider> => {
    const found = await findSignInProvider(world.db.pool, workspace.job().ports, id);
    if (!found) throw new Error("no provider");
    return found;
  };
  const enter = async (workspace: TestWorkspace, id: string, claims: object) =>
    completeSignIn(workspace.job(), await load(workspace, id), { ...claims });
  const rolesOf = async (workspace: TestWorkspace) =>
    Object.fromEntries(
      (await listMembers(workspace.as("viewer"))).items.map((one) => [one.name, one.role]),
    );

  it("gets the role of their groups, anew at each sign-in, and none without", async () => {
    const own = await world.workspace();
    const { id } = await add(own);
    const ada = { sub: randomUUID(), name: "Ada", email: "ada@example.com" };
    expect(await enter(own, id, { ...ada, groups: [] })).toBe(false);
    expect(await rolesOf(own)).toEqual({});
    expect(await enter(own, id, { ...ada, groups: ["all", "ml"] })).toBe(true);
    expect(await rolesOf(own)).toEqual({ Ada: "ml_engineer" });
    expect(await enter(own, id, { ...ada, groups: "all" })).toBe(true);
    expect(await rolesOf(own)).toEqual({ Ada: "viewer" });
    expect(await enter(own, id, { ...ada, groups: [["ml"], { name: "ml" }] })).toBe(false);
    expect(await rolesOf(own)).toEqual({});
    expect(await auditActions(world, own.id)).toEqual(
      expect.arrayContaining(["member.signed_in_by_groups", "member.lost_by_groups"]),
    );
  });

  it("is known by issuer and subject, never by e-mail address", async () => {
    const own = await world.workspace();
    const { id } = await add(own);
    const email = "same@example.com";
    await enter(own, id, { sub: randomUUID(), name: "First", email, groups: ["ml"] });
    await enter(own, id, { sub: randomUUID(), name: "Second", email, groups: ["all"] });
    expect(await rolesOf(own)).toEqual({ First: "ml_engineer", Second: "viewer" });
  });

  it("keeps a membership a colleague gave by hand, whatever the groups say", async () => {
    const own = await world.workspace();
    const { id } = await add(own);
    const sub = randomUUID();
    await enter(own, id, { sub, name: "Grace", groups: ["all"] });
    await asOwner(
      world.db.ownerUrl,
      "update members set provider_id = null, role = 'admin' where workspace_id = $1",
      [own.id],
    );
    expect(await enter(own, id, { sub, name: "Grace", groups: [] })).toBe(true);
    expect(await rolesOf(own)).toEqual({ Grace: "admin" });
  });

  it("leaves with the provider", async () => {
    const own = await world.workspace();
    const { id } = await add(own);
    await enter(own, id, { sub: randomUUID(), name: "Tim", groups: ["all"] });
    await deleteOidcProvider(own.as("admin"), { id });
    expect(await rolesOf(own)).toEqual({});
  });

  it("is one person when two sign-ins come at once", async () => {
    const own = await world.workspace();
    const { id } = await add(own);
    const claims = { sub: randomUUID(), name: "Twice", groups: ["ml"] };
    const entered = await Promise.allSettled(
      Array.from({ length: 8 }, () => enter(own, id, claims)),
    );
    expect(entered.filter((one) => one.status === "fulfilled").length).toBeGreaterThan(0);
    expect((await listMembers(own.as("viewer"))).items).toHaveLength(1);
    expect(await enter(own, id, claims)).toBe(true);
  });

  it("is refused without a subject", async () => {
    const { id } = await add();
    for (const sub of [undefined, "", 7, "x".repeat(256)]) {
      await expect(enter(a, id, { sub, groups: ["ml"] })).rejects.toThrow();
    }
  });
});
