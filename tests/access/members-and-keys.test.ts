import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  changeRole,
  createApiKey,
  inviteMember,
  listApiKeys,
  listMembers,
  removeMember,
  revokeApiKey,
  revokeInvitation,
} from "@/server/access";
import { hashToken, newToken } from "@/server/access/session-token";
import { openSession, signInByInvitation, signInByLink } from "@/server/access/sign-in";
import { verifyAudit } from "@/server/audit";
import type { Role } from "@/server/kernel/actor";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import { asOwner } from "../support/database";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let server: TestServer;
let a: TestWorkspace;
let b: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  a = await world.workspace();
  b = await world.workspace();
});
afterAll(async () => {
  await server.close();
  await world.close();
});

async function person(name: string): Promise<string> {
  const id = newId();
  await asOwner(world.db.ownerUrl, "insert into users (id, name) values ($1, $2)", [id, name]);
  return id;
}

async function memberOf(workspace: TestWorkspace, role: string): Promise<string> {
  const id = await person(`member ${randomUUID().slice(0, 4)}`);
  await asOwner(
    world.db.ownerUrl,
    "insert into members (workspace_id, user_id, role) values ($1, $2, $3)",
    [workspace.id, id, role],
  );
  return id;
}

/** A context of somebody who is a member: what they make ends with their membership. */
async function memberCtx(workspace: TestWorkspace, role: Role): Promise<Context> {
  const userId = await memberOf(workspace, role);
  return { ...workspace.as(role), actor: { type: "user", userId, name: "maker", role } };
}

const me = (headers: Record<string, string>) => fetch(`${server.url}/api/v1/me`, { headers });

it("takes a new person in by an invitation, once", async () => {
  const invitation = await inviteMember(a.as("admin"), { name: "Ada", role: "ml_engineer" });
  const token = new URL(invitation.path, "http://x").searchParams.get("invitation") ?? "";
  const session = await signInByInvitation(world.db.pool, token, null);
  expect(session?.workspaceSlug).toBe(a.slug);
  expect(await signInByInvitation(world.db.pool, token, null)).toBeNull();
  const { items } = await listMembers(a.as("viewer"));
  expect(items).toContainEqual(expect.objectContaining({ name: "Ada", role: "ml_engineer" }));
  const reply = await me({
    cookie: `next-auth.session-token=${session?.token}`,
    "x-modelyard-workspace": a.slug,
  });
  expect(await reply.json()).toMatchObject({ actor: { name: "Ada", role: "ml_engineer" } });
});

it("stops a withdrawn invitation", async () => {
  const invitation = await inviteMember(a.as("admin"), { name: "Eve", role: "viewer" });
  await revokeInvitation(a.as("admin"), { id: invitation.id });
  const token = new URL(invitation.path, "http://x").searchParams.get("invitation") ?? "";
  expect(await signInByInvitation(world.db.pool, token, null)).toBeNull();
  await expect(revokeInvitation(b.as("admin"), { id: invitation.id })).rejects.toMatchObject({
    code: "not_found",
  });
});

it("lets a sign-in link work once and an expired one never", async () => {
  const userId = await memberOf(a, "viewer");
  const [good, old] = [newToken(), newToken()];
  await asOwner(
    world.db.ownerUrl,
    "insert into sign_in_links (token_hash, user_id, expires_at) values ($1, $3, now() + interval '1 hour'), ($2, $3, now() - interval '1 second')",
    [hashToken(good), hashToken(old), userId],
  );
  expect(await signInByLink(world.db.pool, good)).not.toBeNull();
  expect(await signInByLink(world.db.pool, good)).toBeNull();
  expect(await signInByLink(world.db.pool, old)).toBeNull();
});

it("shows a workspace to its members only, and refuses writes from a foreign origin", async () => {
  const { token } = await openSession(world.db.pool, await memberOf(a, "admin"));
  const cookie = `next-auth.session-token=${token}`;
  expect((await me({ cookie, "x-modelyard-workspace": a.slug })).status).toBe(200);
  expect((await me({ cookie, "x-modelyard-workspace": b.slug })).status).toBe(404);
  expect((await me({ cookie })).status).toBe(400);
  const write = (origin?: string) =>
    fetch(`${server.url}/api/v1/api-keys`, {
      method: "POST",
      headers: {
        cookie,
        "x-modelyard-workspace": a.slug,
        "content-type": "application/json",
        ...(origin ? { origin } : {}),
      },
      body: JSON.stringify({ name: "k", role: "viewer" }),
    });
  expect((await write("https://evil.example")).status).toBe(403);
  expect((await write()).status).toBe(403);
  expect((await write(server.url)).status).toBe(201);
});

it("ends a revoked key within a second", async () => {
  const made = await createApiKey(await memberCtx(a, "admin"), { name: "ci", role: "viewer" });
  const headers = { authorization: `Bearer ${made.key}` };
  expect((await me(headers)).status).toBe(200);
  expect((await listApiKeys(a.as("viewer"))).items.some((key) => key.id === made.id)).toBe(true);
  await revokeApiKey(a.as("admin"), { id: made.id });
  await expect.poll(async () => (await me(headers)).status).toBe(401);
  await expect(revokeApiKey(b.as("admin"), { id: made.id })).rejects.toMatchObject({
    code: "not_found",
  });
});

it("tells apart keys that share their visible part", async () => {
  const made = await createApiKey(await memberCtx(a, "admin"), { name: "prefix", role: "viewer" });
  const forged = `${made.key.slice(0, -1)}${made.key.endsWith("A") ? "B" : "A"}`;
  expect((await me({ authorization: `Bearer ${made.key}` })).status).toBe(200);
  expect((await me({ authorization: `Bearer ${forged}` })).status).toBe(401);
});

it("keeps an administrator in every workspace", async () => {
  const only = await memberOf(b, "admin");
  const ctx = b.as("admin");
  await expect(changeRole(ctx, { userId: only, role: "viewer" })).rejects.toMatchObject({
    code: "conflict",
  });
  await expect(removeMember(ctx, { userId: only })).rejects.toMatchObject({ code: "conflict" });
  const second = await memberOf(b, "admin");
  await expect(removeMember(ctx, { userId: second })).resolves.toEqual({ userId: second });
});

it.each(["viewer", "data_scientist", "ml_engineer", "operator"] as const)(
  "refuses %s every change of members and keys",
  async (role) => {
    const ctx = a.as(role);
    const calls = [
      inviteMember(ctx, { name: "x", role: "viewer" }),
      createApiKey(ctx, { name: "x", role: "viewer" }),
      removeMember(ctx, { userId: randomUUID() }),
      changeRole(ctx, { userId: randomUUID(), role: "viewer" }),
      revokeApiKey(ctx, { id: randomUUID() }),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: "forbidden" });
  },
);

it("chains the audit rows of a workspace so that each proves the one before", async () => {
  const verified = await verifyAudit(a.as("admin"));
  expect(verified.rows).toBeGreaterThan(3);
  expect(verified.broken).toBeNull();
});
