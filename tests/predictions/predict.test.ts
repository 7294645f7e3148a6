import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteDeployment, deployVersion } from "@/server/deployments";
import { predict, recordOutcomes } from "@/server/predictions";
import {
  createDeployedWorld,
  type Deployed,
  type DeployedWorld,
  deployModel,
} from "../deployments/support/deployed-world";
import {
  classifierModel,
  classifierSignature,
  mixedModel,
  mixedSignature,
} from "../node/support/sample-models";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import { call, type PredictionServer, startPredictionServer } from "./support/prediction-server";

let world: DeployedWorld;
let server: PredictionServer;
let a: TestWorkspace;
let b: TestWorkspace;
let key: string;
let slope: Deployed;
let flowers: Deployed;
beforeAll(async () => {
  world = await createDeployedWorld();
  a = await world.workspace();
  b = await world.workspace();
  key = await a.key("data_scientist");
  slope = await deployModel(world, a, "slope");
  const flowerModel = { onnx: classifierModel(), signature: classifierSignature() };
  flowers = await deployModel(world, a, "flowers", flowerModel, "staging");
  await deployModel(world, a, "paint", { onnx: mixedModel(), signature: mixedSignature });
  server = await startPredictionServer(world, world.nodes);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const to = (deployment: string) => `${server.url}/api/v1/deployments/${deployment}/predict`;
const ask = (deployment: string, body: unknown, init?: RequestInit) =>
  call(to(deployment), key, body, init);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7/;

describe("answers", () => {
  it("gives one prediction for one input, with what made it", async () => {
    const { status, body, headers } = await ask("slope", { input: { a: 2, b: 5 } });
    expect(status).toBe(200);
    expect(body).toEqual({
      predictions: [7],
      modelVersion: 1,
      deploymentId: slope.deploymentId,
      requestId: expect.stringMatching(UUID),
      latencyMs: expect.any(Number),
    });
    expect(headers.get("x-request-id")).toBe(body.requestId);
  });

  it("gives one prediction a row, by the deployment's id as well, whatever the query", async () => {
    const inputs = [
      { a: 1, b: 1 },
      { a: 2, b: 2 },
    ];
    const { body } = await ask(`${slope.deploymentId.toUpperCase()}`, { inputs });
    expect(body.predictions).toEqual([2, 4]);
    const asked = await call(`${to("slope")}?x=/predict`, key, { inputs });
    expect(asked.body.predictions).toEqual([2, 4]);
  });

  it("gives classes, probabilities and, when asked, confidence", async () => {
    const input = { x0: 1, x1: 0, x2: 0, x3: 1 };
    const plain = await ask("flowers", { input });
    expect(plain.body.predictions).toEqual([expect.stringMatching(/^(yes|no)$/)]);
    const [row] = plain.body.probabilities as Record<string, number>[];
    expect((row?.yes ?? 0) + (row?.no ?? 0)).toBeCloseTo(1);
    expect(plain.body.confidence).toBeUndefined();
    const sure = await ask("flowers", { input, options: { includeConfidence: true } });
    expect(sure.body.confidence).toEqual([Math.max(row?.yes ?? 0, row?.no ?? 0)]);
    const bare = await ask("flowers", { input, options: { includeConfidence: false } });
    expect(bare.body.probabilities).toBeUndefined();
  });

  it("takes mixed features, missing ones where the signature allows it", async () => {
    const { status, body } = await ask("paint", {
      inputs: [
        { width: 1.5, wet: true, color: "grün" },
        { width: null, wet: false },
      ],
    });
    expect(status).toBe(200);
    expect(body.predictions).toHaveLength(2);
  });

  it("routes a model, by id or name in any case, to its production deployment", async () => {
    const url = (model: string) => `${server.url}/api/v1/models/${model}/predict`;
    for (const model of [slope.modelId, slope.modelName, slope.modelName.toUpperCase()]) {
      const { body } = await call(url(model), key, { input: { a: 1, b: 0 } });
      expect(body.deploymentId).toBe(slope.deploymentId);
    }
    const none = await call(url(flowers.modelName), key, { input: {} });
    expect(none.status).toBe(404);
    expect(none.body.detail).toContain("no production deployment");
    expect((await call(url("nobody"), key, { input: {} })).status).toBe(404);
  });

  it("takes packed bodies", async () => {
    const packed = gzipSync(JSON.stringify({ input: { a: 1, b: 1 } }));
    const { body } = await ask("slope", packed, { headers: { "content-encoding": "gzip" } });
    expect(body.predictions).toEqual([2]);
  });

  it("answers the same through the verb of the playground, and can be told what came of it", async () => {
    const ctx = { ...a.as("data_scientist"), ports: server.runtime.ports };
    expect(await predict(ctx, { deployment: "slope", input: { a: 3, b: 1 } })).toMatchObject({
      predictions: [4],
      deploymentId: slope.deploymentId,
    });
    const { requestId } = await predict(ctx, { deployment: "slope", input: { a: 3, b: 1 } });
    const outcomes = [{ requestId, outcome: 4 }];
    expect(await recordOutcomes(ctx, { outcomes })).toEqual({ recorded: 1 });
    await expect(predict(ctx, { deployment: "slope", input: { a: 3 } })).rejects.toMatchObject({
      code: "validation_failed",
    });
    await expect(
      predict({ ...ctx, actor: a.as("viewer").actor }, { deployment: "slope", input: {} }),
    ).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("refuses", () => {
  const cases: [string, unknown, number, string | undefined][] = [
    ["a missing feature", { input: { a: 1 } }, 422, "input.b"],
    ["an extra feature", { input: { a: 1, b: 2, c: 3 } }, 422, "input.c"],
    [
      "text for a number",
      {
        inputs: [
          { a: 1, b: 2 },
          { a: "x", b: 2 },
        ],
      },
      422,
      "inputs.1.a",
    ],
    ["a list for a number", { input: { a: [1], b: 2 } }, 422, "input.a"],
    ["null for a number", { input: { a: null, b: 2 } }, 422, "input.a"],
    ["NaN", '{"input":{"a":NaN,"b":2}}', 422, "input.a"],
    ["a number beyond a double", '{"input":{"a":1e999,"b":2}}', 422, "input.a"],
    ["an own __proto__", '{"input":{"a":1,"b":2,"__proto__":{"a":1}}}', 422, "input.__proto__"],
    ["rows that are no objects", { inputs: [1] }, 422, "inputs.0"],
    ["no rows", { inputs: [] }, 422, "inputs"],
    ["too many rows", { inputs: Array(1001).fill({ a: 1, b: 1 }) }, 422, "inputs"],
    ["input and inputs", { input: { a: 1, b: 1 }, inputs: [] }, 422, "inputs"],
    ["neither", {}, 422, "input"],
    ["an unknown member", { input: { a: 1, b: 1 }, foo: 1 }, 422, "foo"],
    ["an unknown option", { input: {}, options: { x: 1 } }, 422, "options.x"],
    [
      "an option of another type",
      { input: {}, options: { includeConfidence: "y" } },
      422,
      undefined,
    ],
    ["a list", [], 422, undefined],
    ["null", "null", 422, undefined],
    ["text that is not JSON", "{", 400, undefined],
    ["an empty body", "", 400, undefined],
    ["NaN outside of JSON", "NaN}", 400, undefined],
  ];
  it.each(cases)("%s", async (_name, sent, status, path) => {
    const reply = await ask("slope", sent);
    expect(reply.status).toBe(status);
    expect(reply.headers.get("content-type")).toBe("application/problem+json");
    expect(reply.body).toMatchObject({ status, requestId: expect.stringMatching(UUID) });
    if (path) expect(reply.body.issues).toMatchObject([{ path, message: expect.any(String) }]);
  });

  it("a value nested 100,000 deep, and answers the next request", async () => {
    const deep = `{"input":{"a":${"[".repeat(100_000)}${"]".repeat(100_000)},"b":1}}`;
    expect((await ask("slope", deep)).status).toBe(422);
    expect((await ask("slope", { input: { a: 1, b: 1 } })).status).toBe(200);
  });

  it("other content types, methods, and bodies above the limit", async () => {
    const typed = await ask("slope", "a=1", { headers: { "content-type": "text/plain" } });
    expect(typed.status).toBe(415);
    const got = await call(to("slope"), key);
    expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"]);
    const large = await ask("slope", `{"input":"${"x".repeat(17 * 1024 * 1024)}"}`);
    expect(large.status).toBe(413);
    const bomb = gzipSync(Buffer.alloc(17 * 1024 * 1024, 32));
    const packed = await ask("slope", bomb, { headers: { "content-encoding": "gzip" } });
    expect(packed.status).toBe(413);
  });

  it("callers without a key, with a wrong one, a role that may not, a key of a run, a session", async () => {
    const body = { input: { a: 1, b: 1 } };
    const without = await call(to("slope"), undefined, body);
    expect([without.status, without.headers.get("www-authenticate")]).toEqual([
      401,
      'Bearer realm="Modelyard"',
    ]);
    expect((await call(to("slope"), `${key}x`, body)).status).toBe(401);
    expect((await call(to("slope"), await a.key("viewer"), body)).status).toBe(403);
    const bound = await a.key("admin");
    await asOwner(
      world.db.ownerUrl,
      "update api_keys set run_id = gen_random_uuid() where public_id = $1",
      [bound.split("_")[1]],
    );
    expect((await call(to("slope"), bound, body)).status).toBe(403);
    const cookie = { cookie: "next-auth.session-token=anything" };
    expect((await call(to("slope"), undefined, body, { headers: cookie })).status).toBe(401);
  });

  it("unknown deployments, those of another workspace, and broken paths", async () => {
    const body = { input: { a: 1, b: 1 } };
    expect((await ask("nobody", body)).status).toBe(404);
    const foreign = await b.key("admin");
    expect((await call(to("slope"), foreign, body)).status).toBe(404);
    expect((await call(to(slope.deploymentId), foreign, body)).status).toBe(404);
    expect((await ask("%zz", body)).status).toBe(400);
    expect((await ask("..%2fslope", body)).status).toBe(404);
    expect((await ask("%00", body)).status).toBe(404);
    expect((await ask("x".repeat(5000), body)).status).toBe(404);
    const model = await call(`${server.url}/api/v1/models/a%00b/predict`, key, body);
    expect(model.status).toBe(404);
    expect((await call(`${server.url}/v2/models/%00`, key)).status).toBe(404);
    for (const path of ["/%00/health", "?model=%00", "?search=%00", "/%00/predictions"]) {
      const got = await call(`${server.url}/api/v1/deployments${path}`, key);
      expect(got.status, path).toBeLessThan(500);
    }
  });

  it("what is not ready with 503, what failed with 409, what was deleted with 404", async () => {
    const input = { input: { a: 1, b: 1 } };
    const { deploymentId } = await deployVersion(a.as("admin"), {
      model: slope.modelId,
      versionId: slope.versionId,
      name: "waiting",
      environment: "development",
    });
    const waiting = await ask("waiting", input);
    expect([waiting.status, waiting.headers.get("retry-after")]).toEqual([503, "2"]);
    await deleteDeployment(a.as("admin"), { deployment: deploymentId });
    expect((await ask("waiting", input)).status).toBe(404);
    const broken = { onnx: Buffer.from("x"), signature: classifierSignature() };
    await deployModel(world, a, "broken", broken);
    expect((await ask("broken", input)).status).toBe(409);
  });
});
