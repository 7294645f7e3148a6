import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deployVersion, getDeploymentHealth, keepLoaded, NodePool } from "@/server/deployments";
import { createOutbound } from "@/server/kernel/outbound";
import { createModel, listVersions } from "@/server/registry";
import { changeExternalCredential } from "@/server/registry/external/change-credential";
import { checkExternal } from "@/server/registry/external/check-external";
import { checkExternalModel } from "@/server/registry/external/check-external-model";
import { getExternal } from "@/server/registry/external/get-external";
import { registerExternalVersion } from "@/server/registry/external/register-external";
import { rollOutNow, silent, slopeModel } from "../deployments/support/deployed-world";
import { startTestNode } from "../node/support/start-test-node";
import { imageModel, imageSignature } from "../predictions/support/image-model";
import {
  call,
  type PredictionServer,
  startPredictionServer,
  until,
} from "../predictions/support/prediction-server";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { startStranger } from "./start-stranger";

const SECRET = "sesame-0a4f-secret-of-theirs";

let world: TestWorld;
let workspace: TestWorkspace;
let other: TestWorkspace;
let pool: NodePool;
let server: PredictionServer;
let key: string;
beforeAll(async () => {
  world = await createTestWorld();
  workspace = await world.workspace();
  other = await world.workspace();
  key = await workspace.key("data_scientist");
  pool = openRemotePool().start();
  workspace.as("admin").ports.nodes = pool;
  server = await startPredictionServer(world, pool);
});
afterAll(async () => {
  await server.close();
  await pool.close();
  await world.close();
});

/** Not one node of ours: whatever answers here is elsewhere. */
function openRemotePool(): NodePool {
  const { outbound, secrets } = workspace.as("admin").ports;
  if (!outbound || !secrets) throw new Error("the world calls outside");
  const remote = { outbound, secrets };
  return new NodePool({ urls: [], objects: world.objects, log: silent, remote });
}

/** Our own node as a stranger's server, with the slope model on it. */
async function foreignNode(slope: number) {
  const node = await startTestNode({ token: SECRET });
  const { onnx, signature } = slopeModel(slope);
  await node.client.load("their-model", { artifact: node.artifacts.put(onnx), signature });
  return node;
}

let counter = 0;
const newModel = () =>
  createModel(workspace.as("data_scientist"), {
    name: `external-${++counter}`,
    type: "regression",
    framework: "custom",
  });

const target = (url: string) => ({
  url,
  remoteModel: "their-model",
  credential: { kind: "bearer" as const, token: SECRET },
  features: ["a", "b"],
});

async function deploy(model: string, versionId: string, name: string) {
  const ctx = workspace.as("admin");
  const { deploymentId } = await deployVersion(ctx, {
    model,
    versionId,
    name,
    environment: "production",
  });
  await rollOutNow(world, workspace, deploymentId);
  return `${server.url}/api/v1/deployments/${name}/predict`;
}

const body = { input: { a: 2, b: 1 } };

describe("a model on another server", () => {
  it("is looked at, registered, deployed and asked, with its credential", async () => {
    const node = await foreignNode(3);
    const model = await newModel();
    const ctx = workspace.as("data_scientist");
    const looked = await checkExternalModel(ctx, { ...target(node.url), model: model.id });
    expect(looked).toMatchObject({
      ready: true,
      answered: true,
      error: null,
      binaryTensors: true,
      signature: { task: "regression", features: [{ name: "a" }, { name: "b" }] },
    });
    expect((await listVersions(ctx, { model: model.id })).items).toEqual([]);
    const version = await registerExternalVersion(ctx, {
      ...target(`${node.url}/v2/`),
      model: model.id,
      label: "theirs",
    });
    expect(version).toMatchObject({ number: 1, label: "theirs", task: "regression" });
    const url = await deploy(model.id, version.id, "abroad");
    expect((await call(url, key, body)).body.predictions).toEqual([7]);
    expect(
      (await call(url, key, { inputs: [body.input, { a: 0, b: 5 }] })).body.predictions,
    ).toEqual([7, 5]);
    const health = await getDeploymentHealth(workspace.as("viewer"), { deployment: "abroad" });
    expect(health).toMatchObject({ health: "healthy", nodes: [{ loaded: true }] });
    // A process that just started knows before its first request.
    const fresh = openRemotePool();
    await keepLoaded(fresh, server.gateway.table.variants());
    const [state] = await fresh.inspect({ workspaceId: workspace.id, versionId: version.id });
    await fresh.close();
    expect(state).toMatchObject({ reachable: true, loaded: true });
  });

  it("may take images, where whoever registers it says how", async () => {
    const node = await startTestNode({ token: SECRET });
    const artifact = node.artifacts.put(imageModel());
    await node.client.load("their-model", { artifact, signature: imageSignature() });
    const ctx = workspace.as("data_scientist");
    const { features: _, ...where } = target(node.url);
    const asked = { ...where, model: (await newModel()).id, classes: ["cat", "dog"] };
    const looked = await checkExternalModel(ctx, { ...asked, image: { scale: 1 / 255 } });
    expect(looked.signature.inputs).toEqual(imageSignature().inputs);
    await expect(checkExternalModel(ctx, asked)).rejects.toMatchObject({
      code: "validation_failed",
      message: expect.stringContaining('"image"'),
    });
    await node.close();
  });

  it("answers 503 while it is away and by itself when it is back, and a check says so", async () => {
    const node = await foreignNode(3);
    const model = await newModel();
    const ctx = workspace.as("data_scientist");
    const version = await registerExternalVersion(ctx, { ...target(node.url), model: model.id });
    const url = await deploy(model.id, version.id, "leaving");
    await node.client.unload("their-model");
    const ref = { model: model.id, version: "1" };
    expect(await checkExternal(ctx, ref)).toMatchObject({
      lastCheck: { ready: false, answered: null, error: "The model is not ready." },
    });
    const away = await call(url, key, body);
    expect([away.status, away.headers.get("retry-after")]).toEqual([503, "1"]);
    const { onnx, signature } = slopeModel(4);
    await node.client.load("their-model", { artifact: node.artifacts.put(onnx), signature });
    await until(async () => (await call(url, key, body)).status === 200);
    expect(await checkExternal(ctx, ref)).toMatchObject({ lastCheck: { answered: true } });
  });

  it("may speak JSON alone, want a header, and call its output otherwise", async () => {
    const stranger = await startStranger(SECRET);
    const model = await newModel();
    const ctx = workspace.as("data_scientist");
    const version = await registerExternalVersion(ctx, {
      url: stranger.url,
      remoteModel: "sum",
      remoteVersion: "2",
      credential: { kind: "header", name: "x-stranger-key", value: SECRET },
      task: "regression",
      outputs: { prediction: "total" },
      model: model.id,
    });
    expect(
      await getExternal(workspace.as("viewer"), { model: model.id, version: "1" }),
    ).toMatchObject({
      binaryTensors: false,
      outputs: { prediction: "total" },
      credential: "header",
      headerName: "x-stranger-key",
      remoteVersion: "2",
    });
    const url = await deploy(model.id, version.id, "json-only");
    const reply = await call(url, key, { input: { numbers_0: 2, numbers_1: 40 } });
    expect(reply.body.predictions).toEqual([42]);
    expect(new Set(stranger.types)).toEqual(new Set(["application/json"]));
  });
});

describe("what is refused", () => {
  it("says why, and shows no credential", async () => {
    const node = await foreignNode(1);
    const model = await newModel();
    const ctx = workspace.as("data_scientist");
    const attempt = (change: Record<string, unknown>) =>
      registerExternalVersion(ctx, {
        ...target(node.url),
        model: model.id,
        ...change,
      } as never).then(
        () => "registered",
        (error: { code?: string; message: string }) => `${error.code}: ${error.message}`,
      );
    const answers = [
      await attempt({ credential: { kind: "bearer", token: `${SECRET}-wrong` } }),
      await attempt({ remoteModel: "nobody" }),
      await attempt({ features: ["only-one"] }),
      await attempt({ url: "http://127.0.0.1:9" }),
      await attempt({ url: "http://169.254.169.254" }),
      await attempt({ url: "http://93.184.216.34" }),
      await attempt({ url: "ftp://example.org" }),
      await attempt({ url: "https://user:pass@example.org" }),
    ];
    expect(answers).toEqual([
      expect.stringMatching(/^validation_failed: The server answers 401/),
      expect.stringMatching(/^validation_failed: The server answers 404/),
      expect.stringMatching(/^validation_failed: The graph has 2 columns/),
      expect.stringMatching(/^validation_failed: The server does not answer/),
      expect.stringMatching(/^validation_failed: This address is refused/),
      expect.stringMatching(
        /^validation_failed: This address is refused: it must begin with https/,
      ),
      expect.stringMatching(/^validation_failed: This address is refused/),
      expect.stringMatching(/^validation_failed: This address is refused/),
    ]);
    expect(answers.join(" ")).not.toContain(SECRET);
    expect((await listVersions(ctx, { model: model.id })).items).toEqual([]);
  });

  it("is every address that is not public, where private ones are not allowed", async () => {
    const node = await foreignNode(1);
    const model = await newModel();
    const ctx = workspace.as("data_scientist");
    const strict = {
      ...ctx,
      ports: { ...ctx.ports, outbound: createOutbound({ allowPrivate: false }) },
    };
    for (const url of [node.url, "https://localhost", "https://10.0.0.1"]) {
      await expect(
        checkExternalModel(strict, { ...target(url), model: model.id }),
      ).rejects.toMatchObject({ code: "validation_failed" });
    }
  });

  it("is who may not write models, and another workspace", async () => {
    const node = await foreignNode(1);
    const model = await newModel();
    const input = { ...target(node.url), model: model.id };
    await registerExternalVersion(workspace.as("data_scientist"), input);
    const ref = { model: model.id, version: "1" };
    const credential = { kind: "none" as const };
    const ways = [
      (ctx: Parameters<typeof getExternal>[0]) => registerExternalVersion(ctx, input),
      (ctx: Parameters<typeof getExternal>[0]) => checkExternalModel(ctx, input),
      (ctx: Parameters<typeof getExternal>[0]) => checkExternal(ctx, ref),
      (ctx: Parameters<typeof getExternal>[0]) =>
        changeExternalCredential(ctx, { ...ref, credential }),
    ];
    for (const way of ways) {
      await expect(way(workspace.as("viewer"))).rejects.toMatchObject({ code: "forbidden" });
      await expect(way(other.as("admin"))).rejects.toMatchObject({ code: "not_found" });
    }
    await expect(getExternal(other.as("admin"), ref)).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("credentials", () => {
  it("are sealed, stand in no reply and no trail, and can be changed while it serves", async () => {
    const node = await foreignNode(5);
    const model = await newModel();
    const ctx = workspace.as("data_scientist");
    const version = await registerExternalVersion(ctx, { ...target(node.url), model: model.id });
    const url = await deploy(model.id, version.id, "sealed");
    expect((await call(url, key, body)).status).toBe(200);
    const ref = { model: model.id, version: "1" };
    const wrong = { kind: "basic" as const, username: "me", password: "wrong-one-31" };
    const changed = await changeExternalCredential(ctx, { ...ref, credential: wrong });
    expect(changed.credential).toBe("basic");
    await server.gateway.table.refresh();
    expect((await call(url, key, body)).status).toBe(503);
    expect((await checkExternal(ctx, ref)).lastCheck.ready).toBe(false);
    await changeExternalCredential(ctx, { ...ref, credential: target(node.url).credential });
    await server.gateway.table.refresh();
    await until(async () => (await call(url, key, body)).status === 200);
    const shown = [version, changed, await getExternal(ctx, ref)];
    const kept = await asOwner(
      world.db.ownerUrl,
      "select audit_log::text from audit_log union all select external_models::text from external_models",
    );
    const text = JSON.stringify([shown, kept]);
    for (const secret of [SECRET, "wrong-one-31"]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(secret).toString("hex"));
    }
  });
});
