import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  archiveWorkspace,
  createApiKey,
  createWorkspace,
  getQuotas,
  getUsage,
  limitStorage,
  listArchivedWorkspaces,
  restoreWorkspace,
  setQuotas,
  updateWorkspace,
} from "@/server/access";
import { openSession } from "@/server/access/sign-in";
import { createRun, putRunArtifact } from "@/server/experiments";
import { createModel } from "@/server/registry";
import { asOwner } from "../support/database";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { auditActions, joinWorkspace, memberContext } from "./people";

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

const slug = () => `ws-${randomUUID().slice(0, 8)}`;
const conflict = { code: "conflict" };
const forbidden = { code: "forbidden" };

const me = (token: string, workspace: string) =>
  fetch(`${server.url}/api/v1/me`, {
    headers: {
      cookie: `next-auth.session-token=${token}`,
      "x-modelyard-workspace": workspace,
    },
  });

describe("a workspace", () => {
  it("is made by a person, who is its administrator", async () => {
    const ctx = await memberContext(world, a, "admin");
    const made = await createWorkspace(ctx, { name: "Second", slug: slug() });
    const { token } = await openSession(world.db.pool, ctx.userId);
    expect(await (await me(token, made.slug)).json()).toMatchObject({ actor: { role: "admin" } });
    expect(await auditActions(world, made.id)).toEqual(["workspace.created"]);
    await expect(createWorkspace(ctx, { name: "x", slug: made.slug })).rejects.toMatchObject(
      conflict,
    );
    for (const bad of ["Has Capitals", "-x", "api", "", "a".repeat(41), "../x"]) {
      await expect(createWorkspace(ctx, { name: "x", slug: bad })).rejects.toMatchObject({
        name: "ZodError",
      });
    }
    await expect(createWorkspace(a.job(), { name: "x", slug: slug() })).rejects.toMatchObject(
      forbidden,
    );
  });

  it("is renamed in its own transaction only", async () => {
    const ctx = await memberContext(world, a, "admin");
    await updateWorkspace(ctx, { name: "New name" });
    const rows = await asOwner<{ id: string; name: string }>(
      world.db.ownerUrl,
      "select id, name from workspaces where name = 'New name'",
    );
    expect(rows.map(({ id }) => id)).toEqual([a.id]);
  });

  it("refuses every call politely while archived, and comes back", async () => {
    const own = await world.workspace();
    const ctx = await memberContext(world, own, "admin");
    const { token } = await openSession(world.db.pool, ctx.userId);
    const { key } = await createApiKey(ctx, { name: "k", role: "viewer" });
    await expect(archiveWorkspace(ctx)).rejects.toMatchObject(conflict);
    await joinWorkspace(world, b, ctx.userId, "admin");
    await archiveWorkspace(ctx);
    const byKey = () =>
      fetch(`${server.url}/api/v1/me`, { headers: { authorization: `Bearer ${key}` } });
    for (const ask of [byKey, () => me(token, own.slug)]) {
      await expect.poll(async () => (await ask()).status).toBe(409);
      expect((await (await ask()).json()).detail).toContain("archived");
    }
    const elsewhere = { ...ctx, workspaceId: b.id };
    expect((await listArchivedWorkspaces(elsewhere)).items.map((one) => one.slug)).toEqual([
      own.slug,
    ]);
    const stranger = await memberContext(world, b, "admin");
    await expect(restoreWorkspace(stranger, { slug: own.slug })).rejects.toMatchObject({
      code: "not_found",
    });
    await restoreWorkspace(elsewhere, { slug: own.slug });
    await expect.poll(async () => (await me(token, own.slug)).status).toBe(200);
    expect(await auditActions(world, own.id)).toEqual(
      expect.arrayContaining(["workspace.archived", "workspace.restored"]),
    );
  });

  it.each(["viewer", "data_scientist", "ml_engineer", "operator"] as const)(
    "is not for %s to make, rename, archive, restore or give quotas",
    async (role) => {
      const ctx = a.as(role);
      for (const call of [
        createWorkspace(ctx, { name: "x", slug: slug() }),
        updateWorkspace(ctx, { name: "x" }),
        archiveWorkspace(ctx),
        restoreWorkspace(ctx, { slug: "x" }),
        setQuotas(ctx, { modelsMax: 1 }),
      ]) {
        await expect(call).rejects.toMatchObject(forbidden);
      }
    },
  );
});

describe("quotas", () => {
  it("are none until they are set, shown beside what is used, and of one workspace only", async () => {
    const own = await world.workspace();
    const none = {
      modelsMax: null,
      storageBytesMax: null,
      concurrentTrainingMax: null,
      requestsPerSecondMax: null,
    };
    expect((await getUsage(own.as("viewer"))).quotas).toEqual(none);
    await setQuotas(own.as("admin"), { modelsMax: 5 });
    await setQuotas(own.as("admin"), { requestsPerSecondMax: 50 });
    expect(await getQuotas(world.db, own.id)).toEqual({
      ...none,
      modelsMax: 5,
      requestsPerSecondMax: 50,
    });
    expect(await getQuotas(world.db, a.id)).toEqual(none);
    expect(await auditActions(world, own.id)).toContain("workspace.quotas_changed");
    await expect(setQuotas(own.as("admin"), { modelsMax: -1 })).rejects.toMatchObject({
      name: "ZodError",
    });
  });

  it("of models hold under twenty at once", async () => {
    const own = await world.workspace();
    await setQuotas(own.as("admin"), { modelsMax: 3 });
    const made = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) =>
        createModel(own.as("ml_engineer"), {
          name: `m${i}`,
          type: "classification",
          framework: "onnx",
        }),
      ),
    );
    expect(made.filter((one) => one.status === "fulfilled")).toHaveLength(3);
    for (const one of made) {
      if (one.status === "rejected") expect(one.reason).toMatchObject(conflict);
    }
    expect((await getUsage(own.as("viewer"))).usage.models).toBe(3);
  });

  it("of storage end an upload that would pass them", async () => {
    const own = await world.workspace();
    await setQuotas(own.as("admin"), { storageBytesMax: 1000 });
    const store = limitStorage(world.objects, world.db);
    const put = (bytes: number) =>
      store.put(own.id, Readable.from([Buffer.alloc(bytes, bytes)]), 1e6);
    const small = await put(600);
    await asOwner(
      world.db.ownerUrl,
      "insert into artifact_objects (workspace_id, sha256, size_bytes) values ($1, $2, $3) on conflict do nothing",
      [own.id, small.sha256, 600],
    );
    await expect(put(500)).rejects.toMatchObject(conflict);
    await expect(put(300)).resolves.toMatchObject({ sizeBytes: 300 });
  });

  it("of storage let one of two uploads through that together would pass them", async () => {
    const own = await world.workspace();
    await setQuotas(own.as("admin"), { storageBytesMax: 1000 });
    const run = await createRun(own.as("admin"), {});
    const put = (letter: string) =>
      putRunArtifact(own.as("admin"), {
        owner: { kind: "run", id: run.id },
        path: `${letter}.txt`,
        content: Readable.from([letter.repeat(600)]),
      });
    const ends = await Promise.allSettled(["a", "b", "c"].map(put));
    expect(ends.filter((end) => end.status === "fulfilled")).toHaveLength(1);
    for (const end of ends) {
      if (end.status === "rejected") expect(end.reason).toMatchObject(conflict);
    }
    expect((await getUsage(own.as("viewer"))).usage.storageBytes).toBe(600);
  });
});
