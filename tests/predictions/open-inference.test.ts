import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deployVersion } from "@/server/deployments";
import { listPredictions } from "@/server/predictions";
import {
  encodeInferRequest,
  parseInferResponse,
  type Tensor,
} from "@/server/protocols/open-inference/codec";
import {
  addVersion,
  createDeployedWorld,
  type Deployed,
  type DeployedWorld,
  deployModel,
  rollOutNow,
  slopeModel,
} from "../deployments/support/deployed-world";
import {
  classifierModel,
  classifierSignature,
  mixedModel,
  mixedSignature,
} from "../node/support/sample-models";
import type { TestWorkspace } from "../support/workspace";
import {
  call,
  type PredictionServer,
  startPredictionServer,
  until,
} from "./support/prediction-server";

let world: DeployedWorld;
let server: PredictionServer;
let a: TestWorkspace;
let b: TestWorkspace;
let key: string;
let made: Deployed;
beforeAll(async () => {
  world = await createDeployedWorld();
  a = await world.workspace();
  b = await world.workspace();
  key = await a.key("data_scientist");
  made = await deployModel(world, a, "slope", slopeModel(3));
  await deployModel(world, a, "paint", { onnx: mixedModel(), signature: mixedSignature });
  await deployModel(world, a, "flowers", {
    onnx: classifierModel(),
    signature: classifierSignature(),
  });
  server = await startPredictionServer(world, world.nodes);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const at = (path: string) => `${server.url}/v2${path}`;
const numeric = (data: number[], shape: unknown = [data.length / 2, 2]) => ({
  name: "numeric",
  datatype: "FP64",
  shape,
  data,
});
const infer = (body: unknown, path = "/models/slope/infer", init?: RequestInit) =>
  call(at(path), key, body, init);

describe("health and metadata", () => {
  it("answers probes and server metadata without a key, whatever the query", async () => {
    expect((await call(at("/health/live?test_1=1&test_2=2"), undefined)).body).toEqual({
      live: true,
      ready: true,
    });
    expect((await call(at("/health/ready"), undefined)).body).toMatchObject({ ready: true });
    const { body } = await call(at(""), undefined);
    expect(body).toMatchObject({ name: "modelyard", extensions: expect.any(Array) });
    expect((await call(at("/?a=b"), undefined)).status).toBe(200);
  });

  it("describes a deployment as a model of the protocol", async () => {
    expect((await call(at("/models/paint?x=1"), key)).body).toEqual({
      name: "paint",
      versions: ["1"],
      platform: "onnxruntime_onnx",
      inputs: [
        { name: "numeric", datatype: "FP64", shape: [-1, 2] },
        { name: "categorical", datatype: "BYTES", shape: [-1, 1] },
      ],
      outputs: [
        { name: "label", datatype: "INT64", shape: [-1] },
        { name: "probabilities", datatype: "FP32", shape: [-1, 2] },
      ],
    });
    expect((await call(at("/models/sl%6Fpe/versions/1/ready"), key)).body).toEqual({
      name: "slope",
      live: true,
      ready: true,
    });
  });
});

describe("infer", () => {
  it("answers JSON tensors, flat or nested, with the caller's id", async () => {
    const flat = await infer({ id: "42", inputs: [numeric([1, 1, 2, 2])] });
    expect(flat.status).toBe(200);
    expect(flat.body).toEqual({
      model_name: "slope",
      model_version: "1",
      id: "42",
      outputs: [{ name: "prediction", datatype: "FP64", shape: [2], data: [4, 8] }],
    });
    const nested = { name: "numeric", datatype: "FP64", shape: [1, 2], data: [[1, 2]] };
    const reply = await infer({ inputs: [nested] }, "/models/slope/versions/1/infer");
    expect(reply.body.outputs).toMatchObject([{ data: [5] }]);
  });

  it("answers binary tensors in the binary form, as tritonclient asks by default", async () => {
    const inputs: Tensor[] = [
      { name: "numeric", datatype: "FP64", shape: [1, 2], data: new Float64Array([2, 1]) },
      { name: "categorical", datatype: "BYTES", shape: [1, 1], data: ["red"] },
    ];
    const message = encodeInferRequest({ inputs }, "binary");
    const reply = await fetch(at("/models/paint/infer"), {
      method: "POST",
      body: new Uint8Array(message.body),
      headers: {
        authorization: `Bearer ${key}`,
        "inference-header-content-length": String(message.headerLength),
        "content-type": "application/octet-stream",
      },
    });
    expect(reply.status).toBe(200);
    const parsed = parseInferResponse(
      Buffer.from(await reply.arrayBuffer()),
      reply.headers.get("inference-header-content-length") ?? undefined,
      { tensorBytesMax: 1e6 },
    );
    expect(parsed.outputs.map((output) => [output.name, output.shape])).toEqual([
      ["label", [1]],
      ["probabilities", [1, 2]],
    ]);
  });

  it("answers a raw request and the outputs that were asked for", async () => {
    const raw = await fetch(at("/models/slope/infer"), {
      method: "POST",
      body: new Float64Array([1, 1]),
      headers: { authorization: `Bearer ${key}`, "inference-header-content-length": "0" },
    });
    expect(raw.status).toBe(200);
    expect(raw.headers.get("content-type")).toBe("application/octet-stream");
    const input = { name: "numeric", datatype: "FP64", shape: [1, 4], data: [1, 0, 0, 1] };
    const outputs = [{ name: "probabilities", parameters: { classification: 1 } }];
    const best = await infer({ inputs: [input], outputs }, "/models/flowers/infer");
    expect(best.body.outputs).toMatchObject([
      { name: "probabilities", datatype: "BYTES", shape: [1, 1] },
    ]);
  });

  it("names a deployment's serving versions only, and follows a replacement", async () => {
    const second = await addVersion(a.as("admin"), made.modelId, slopeModel(10));
    const { deploymentId } = await deployVersion(a.as("admin"), {
      model: made.modelId,
      versionId: second,
      name: "slope",
      environment: "production",
    });
    const path = "/models/slope/versions/2/infer";
    expect((await infer({ inputs: [numeric([1, 0])] }, path)).status).toBe(404);
    await rollOutNow(world, a, deploymentId);
    const reply = await until(async () => {
      const next = await infer({ inputs: [numeric([1, 0])] }, path);
      return next.status === 200 && next;
    });
    expect(reply.body.outputs).toMatchObject([{ data: [10] }]);
    const old = await infer({ inputs: [numeric([1, 0])] }, "/models/slope/versions/1/infer");
    expect(old.status).toBe(404);
  });

  it("counts in its statistics what was asked by feature name as well", async () => {
    const counted = async () => {
      const reply = await fetch(at("/models/flowers/stats"), {
        headers: { authorization: `Bearer ${key}` },
      });
      const { model_stats: stats } = (await reply.json()) as {
        model_stats: { inference_count: string; inference_stats: { fail: { count: string } } }[];
      };
      return [stats[0]?.inference_count, stats[0]?.inference_stats.fail.count].map(Number);
    };
    const [rows = 0, failures = 0] = await counted();
    const url = `${server.url}/api/v1/deployments/flowers/predict`;
    const flower = Object.fromEntries(
      classifierSignature().features.map(({ name }) => [name, 1] as const),
    );
    expect(await call(url, key, { inputs: [flower, flower] })).toMatchObject({ status: 200 });
    expect(await call(url, key, { inputs: [{}] })).toMatchObject({ status: 422 });
    expect(await counted()).toEqual([rows + 2, failures + 1]);
  });

  it("logs rows by feature name, from either form", async () => {
    await infer(
      {
        inputs: [
          { name: "numeric", datatype: "FP64", shape: [1, 2], data: ["NaN", 1] },
          { name: "categorical", datatype: "BYTES", shape: [1, 1], data: ["green"] },
        ],
      },
      "/models/paint/infer",
    );
    await server.gateway.logs.flush();
    const { items } = await listPredictions(a.as("viewer"), { deployment: "paint", limit: 1 });
    expect(items).toMatchObject([
      {
        status: 200,
        inputs: [{ width: null, wet: true, color: "green" }],
        outputs: { predictions: [expect.any(Boolean)] },
      },
    ]);
  });
});

describe("refuses, in the protocol's own error body,", () => {
  const cases: [string, unknown, number][] = [
    ["a body that is no JSON", "{", 400],
    ["no inputs", {}, 400],
    ["an unknown input", { inputs: [{ ...numeric([1, 1]), name: "x" }] }, 400],
    ["a missing input", { inputs: [] }, 400],
    ["too few elements", { inputs: [numeric([1], [1, 2])] }, 400],
    ["too many elements", { inputs: [numeric([1, 1, 1], [1, 2])] }, 400],
    ["a negative dimension", { inputs: [numeric([1, 1], [-1, 2])] }, 400],
    ["an overflowing shape", { inputs: [numeric([1, 1], [2 ** 40, 2 ** 40])] }, 400],
    ["another datatype", { inputs: [{ ...numeric([1, 1]), datatype: "INT32" }] }, 400],
    ["an unknown datatype", { inputs: [{ ...numeric([1, 1]), datatype: "FP7" }] }, 400],
    ["text for numbers", { inputs: [{ ...numeric([1, 1]), data: ["a", "b"] }] }, 400],
    ["an unknown output", { inputs: [numeric([1, 1])], outputs: [{ name: "x" }] }, 400],
    [
      "two outputs of one name",
      {
        inputs: [numeric([1, 1])],
        outputs: [{ name: "prediction" }, { name: "prediction" }],
      },
      400,
    ],
  ];
  it.each(cases)("%s", async (_name, body, status) => {
    const reply = await infer(body);
    expect([reply.status, typeof reply.body.error]).toEqual([status, "string"]);
  });

  it("header lengths that cannot be", async () => {
    for (const length of ["-1", "99999999999", "x", "500"]) {
      const headers = { "inference-header-content-length": length };
      expect((await infer({ inputs: [] }, undefined, { headers })).status).toBe(400);
    }
  });

  it("callers without a key or right, unknown names and versions, wrong methods", async () => {
    const body = { inputs: [numeric([1, 1])] };
    expect((await call(at("/models/slope/infer"), undefined, body)).status).toBe(401);
    const viewer = await a.key("viewer");
    expect((await call(at("/models/slope/infer"), viewer, body)).status).toBe(403);
    expect((await call(at("/models/slope"), viewer)).status).toBe(200);
    expect((await call(at("/models/slope"), await b.key("admin"))).status).toBe(404);
    for (const path of [
      "/models/nobody/infer",
      "/models/slope/versions/9/infer",
      "/models/..%2f/infer",
    ]) {
      expect((await infer(body, path)).status, path).toBe(404);
    }
    expect((await infer(body, "/models/%zz/infer")).status).toBe(400);
    const got = await call(at("/models/slope/infer"), key);
    expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await infer(body, "/models/slope")).status).toBe(405);
    expect((await infer(body, "/nothing/here")).status).toBe(404);
    expect((await infer(body, "/models/slope/constructor")).status).toBe(404);
  });
});
