import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  changeRole,
  createApiKey,
  createGrant,
  createRole,
  deleteGrant,
  deleteRole,
  inviteMember,
  listGrants,
  listRoles,
  updateRole,
} from "@/server/access";
import { GRANT_ENVIRONMENTS } from "@/server/access/constants";
import { deployVersion } from "@/server/deployments";
import { ENVIRONMENTS } from "@/server/deployments/constants";
import { createModel, deleteModel, updateModel } from "@/server/registry";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { auditActions, memberContext } from "./people";

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

const name = () => `r_${randomUUID().slice(0, 8)}`;
const forbidden = { code: "forbidden" };
const notFound = { code: "not_found" };
const conflict = { code: "conflict" };
const invalid = { name: "ZodError" };

describe("custom roles", () => {
  it("are made, held by a key, changed, and the change counts within a second", async () => {
    const ctx = await memberContext(world, a, "admin");
    const role = name();
    await createRole(ctx, { name: role, permissions: ["workspace:read", "models:read"] });
    const { key } = await createApiKey(ctx, { name: "custom", role });
    const get = (path: string) =>
      fetch(`${server.url}/api/v1${path}`, { headers: { authorization: `Bearer ${key}` } });
    expect((await get("/models")).status).toBe(200);
    expect((await get("/members")).status).toBe(403);
    await updateRole(ctx, { name: role, permissions: ["workspace:read", "members:read"] });
    await expect.poll(async () => (await get("/models")).status).toBe(403);
    await expect.poll(async () => (await get("/members")).status).toBe(200);
    expect(await auditActions(world, a.id)).toEqual(
      expect.arrayContaining(["role.created", "role.updated"]),
    );
  });

  it("exist in their own workspace only", async () => {
    const role = name();
    await createRole(a.as("admin"), { name: role, permissions: [] });
    await expect(updateRole(b.as("admin"), { name: role })).rejects.toMatchObject(notFound);
    await expect(deleteRole(b.as("admin"), { name: role })).rejects.toMatchObject(notFound);
    await expect(inviteMember(b.as("admin"), { name: "x", role })).rejects.toMatchObject({
      code: "validation_failed",
    });
    const names = (await listRoles(b.as("viewer"))).items.map((one) => one.name);
    expect(names).not.toContain(role);
  });

  it.each(["viewer", "data_scientist", "ml_engineer", "operator"] as const)(
    "are out of reach of %s",
    async (role) => {
      const ctx = a.as(role);
      for (const call of [
        createRole(ctx, { name: name(), permissions: [] }),
        updateRole(ctx, { name: name() }),
        deleteRole(ctx, { name: name() }),
        createGrant(ctx, {
          environment: "production",
          action: "deploy",
          granteeType: "role",
          grantee: "viewer",
        }),
        deleteGrant(ctx, { id: randomUUID() }),
      ]) {
        await expect(call).rejects.toMatchObject(forbidden);
      }
    },
  );

  it("are refused by a taken, built-in or malformed name, an unknown permission, or while in use", async () => {
    const ctx = a.as("admin");
    const role = name();
    await createRole(ctx, { name: role, permissions: [] });
    await expect(createRole(ctx, { name: role, permissions: [] })).rejects.toMatchObject(conflict);
    await expect(createRole(ctx, { name: "admin", permissions: [] })).rejects.toMatchObject(
      conflict,
    );
    await expect(createRole(ctx, { name: "A b", permissions: [] })).rejects.toMatchObject(invalid);
    await expect(
      createRole(ctx, { name: name(), permissions: ["root:all" as never] }),
    ).rejects.toMatchObject(invalid);
    await memberContext(world, a, role);
    await expect(deleteRole(ctx, { name: role })).rejects.toMatchObject(conflict);
    await expect(deleteRole(ctx, { name: "viewer" })).rejects.toMatchObject(notFound);
  });

  it("give nobody more than they have: not by making one, giving one, or demoting somebody wider", async () => {
    const keeper = {
      ...a.as("viewer"),
      actor: {
        type: "user" as const,
        userId: randomUUID(),
        name: "keeper",
        role: "keeper",
        allows: (one: string) => one === "members:write" || one === "members:read",
      },
    };
    const admin = await memberContext(world, a, "admin");
    await memberContext(world, a, "admin");
    await expect(
      createRole(keeper, { name: name(), permissions: ["audit:read"] }),
    ).rejects.toMatchObject(forbidden);
    await expect(inviteMember(keeper, { name: "x", role: "admin" })).rejects.toMatchObject(
      forbidden,
    );
    await expect(
      changeRole(keeper, { userId: admin.userId, role: "viewer" }),
    ).rejects.toMatchObject(forbidden);
  });
});

describe("grants", () => {
  const production = { environment: "production", action: "deploy", granteeType: "role" } as const;

  it("know the environments that deployments know", () => {
    expect([...GRANT_ENVIRONMENTS].toSorted()).toEqual([...ENVIRONMENTS].toSorted());
  });

  it("close a model to all but grantees and administrators, and open it again", async () => {
    const model = await createModel(a.as("ml_engineer"), {
      name: name(),
      type: "classification",
      framework: "onnx",
    });
    const ada = await memberContext(world, a, "ml_engineer", "ada");
    const bob = await memberContext(world, a, "ml_engineer", "bob");
    const grant = await createGrant(a.as("admin"), {
      modelId: model.id,
      action: "write",
      granteeType: "user",
      grantee: ada.userId,
    });
    const change = (ctx: typeof ada) => updateModel(ctx, { model: model.id, description: "new" });
    await expect(change(ada)).resolves.toBeDefined();
    await expect(change(bob)).rejects.toMatchObject(forbidden);
    await expect(deleteModel(bob, { model: model.id })).rejects.toMatchObject(forbidden);
    await expect(
      updateModel(a.as("admin"), { model: model.id, description: "b" }),
    ).resolves.toBeDefined();
    await deleteGrant(a.as("admin"), { id: grant.id });
    await expect(change(bob)).resolves.toBeDefined();
    expect(await auditActions(world, a.id)).toEqual(
      expect.arrayContaining(["grant.created", "grant.deleted"]),
    );
  });

  it("say who may deploy to production", async () => {
    const own = await world.workspace();
    const model = await createModel(own.as("ml_engineer"), {
      name: name(),
      type: "classification",
      framework: "onnx",
    });
    const versionId = randomUUID();
    await createGrant(own.as("admin"), { ...production, grantee: "operator" });
    const deploy = (role: "ml_engineer" | "operator", environment: "production" | "staging") =>
      deployVersion(own.as(role), { model: model.id, versionId, name: "d", environment });
    // There is no such version: not_found tells that the call passed the grants.
    await expect(deploy("operator", "production")).rejects.toMatchObject(notFound);
    await expect(deploy("ml_engineer", "staging")).rejects.toMatchObject(notFound);
    await expect(deploy("ml_engineer", "production")).rejects.toMatchObject(forbidden);
    const { items } = await listGrants(own.as("viewer"), { environment: "production" });
    expect(items).toHaveLength(1);
  });

  it("are refused for what is not there, twice, or in another workspace", async () => {
    const ctx = a.as("admin");
    const foreign = await createModel(b.as("ml_engineer"), {
      name: name(),
      type: "classification",
      framework: "onnx",
    });
    const grant = { action: "write", granteeType: "role", grantee: "viewer" } as const;
    await expect(createGrant(ctx, { ...grant, modelId: foreign.id })).rejects.toMatchObject(
      notFound,
    );
    await expect(
      createGrant(ctx, { ...grant, grantee: "nobody", modelId: foreign.id }),
    ).rejects.toMatchObject(notFound);
    await expect(createGrant(ctx, grant)).rejects.toMatchObject(invalid);
    await expect(createGrant(ctx, { ...production, grantee: "emperor" })).rejects.toMatchObject({
      code: "validation_failed",
    });
    await expect(
      createGrant(ctx, { ...production, granteeType: "user", grantee: randomUUID() }),
    ).rejects.toMatchObject({ code: "validation_failed" });
    const made = await createGrant(ctx, { ...production, grantee: "operator" });
    await expect(createGrant(ctx, { ...production, grantee: "operator" })).rejects.toMatchObject(
      conflict,
    );
    await expect(deleteGrant(b.as("admin"), { id: made.id })).rejects.toMatchObject(notFound);
  });
});
