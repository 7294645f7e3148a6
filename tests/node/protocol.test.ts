import { expect, test } from "vitest";
import { encodeInferRequest, parseInferResponse } from "@/server/protocols/open-inference/codec";
import { identityModel, mixedModel, mixedSignature } from "./support/sample-models";
import { getJson, postJson, startTestNode, type TestNode } from "./support/start-test-node";

async function nodeWithModels(): Promise<TestNode> {
  const node = await startTestNode({ maxBodyBytes: 100_000 });
  await node.client.load("fp32", { artifact: node.artifacts.put(identityModel("FP32")) });
  await node.client.load("fp16", { artifact: node.artifacts.put(identityModel("FP16")) });
  await node.client.load("bytes", { artifact: node.artifacts.put(identityModel("BYTES")) });
  const mixed = node.artifacts.put(mixedModel());
  await node.client.load("mixed", { artifact: mixed, signature: mixedSignature });
  return node;
}

const fp32 = { name: "input", datatype: "FP32", shape: [1, 2], data: [1, 2] };
const numeric = { name: "numeric", datatype: "FP64", shape: [1, 2], data: [1, 0] };
const categorical = { name: "categorical", datatype: "BYTES", shape: [1, 1], data: ["red"] };

test.each([
  ["mixed", { inputs: [numeric] }, 'expected 2 inputs, got 1; missing: "categorical"'],
  ["mixed", { inputs: [numeric, categorical, fp32] }, 'expected 2 inputs, got 3; unknown: "input"'],
  ["mixed", { inputs: [] }, 'missing: "numeric", "categorical"'],
  [
    "mixed",
    { inputs: [{ ...numeric, datatype: "FP32" }, categorical] },
    'input "numeric" must be FP64, got FP32',
  ],
  [
    "mixed",
    { inputs: [{ ...numeric, shape: [2, 1] }, categorical] },
    "must have the shape [-1,2], got [2,1]",
  ],
  [
    "mixed",
    { inputs: [{ ...numeric, shape: [2], data: [1, 2] }, categorical] },
    "must have the shape [-1,2], got [2]",
  ],
  [
    "mixed",
    { inputs: [numeric, { ...categorical, shape: [2, 1], data: ["a", "b"] }] },
    "same number of rows",
  ],
  [
    "mixed",
    { inputs: [numeric, categorical], outputs: [{ name: "nope" }] },
    'output "nope" is not known',
  ],
  [
    "bytes",
    { inputs: [{ name: "input", datatype: "BYTES", shape: [1, 2], data: ["a\u0000b", ""] }] },
    "NUL byte",
  ],
  ["fp16", { inputs: [{ ...fp32, datatype: "FP16" }] }, "FP16 has no JSON form"],
  ["fp32", { inputs: [{ ...fp32, shape: [60_000, 2] }] }, "more than the limit"],
])("a request to %s is refused with the reason: %j", async (model, body, message) => {
  const node = await nodeWithModels();
  const reply = await postJson(`${node.url}/v2/models/${model}/infer`, body);
  expect(reply).toMatchObject({ status: 400, body: { error: expect.stringContaining(message) } });
  expect((await getJson(`${node.url}/v2/health/live`)).status).toBe(200);
});

test("FP16 outputs are refused as JSON and given as binary", async () => {
  const node = await nodeWithModels();
  const data = Uint16Array.of(15360, 31744);
  const inputs = [{ name: "input", datatype: "FP16" as const, shape: [1, 2], data }];
  const message = encodeInferRequest({ inputs }, "binary");
  const headers = { "inference-header-content-length": String(message.headerLength) };
  const head = message.body.subarray(0, message.headerLength).toString();
  const asJson = head.replace('"binary_data_output":true', '"binary_data_output":false');
  const body = Buffer.concat([Buffer.from(asJson), message.body.subarray(message.headerLength)]);
  const refused = await fetch(`${node.url}/v2/models/fp16/infer`, {
    method: "POST",
    headers: { "inference-header-content-length": String(Buffer.byteLength(asJson)) },
    body,
  });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ error: expect.stringContaining("no JSON form") });
  const given = await fetch(`${node.url}/v2/models/fp16/infer`, {
    method: "POST",
    headers,
    body: new Uint8Array(message.body),
  });
  expect(given.headers.get("content-type")).toBe("application/octet-stream");
});

test("a model's configuration and what a load may not bring are told in Triton's terms", async () => {
  const node = await nodeWithModels();
  expect((await getJson(`${node.url}/v2/models/mixed/config?x=1`)).body).toMatchObject({
    name: "mixed",
    max_batch_size: expect.any(Number),
    input: [
      { name: "numeric", data_type: "TYPE_FP64", dims: [2] },
      { name: "categorical", data_type: "TYPE_STRING", dims: [1] },
    ],
    dynamic_batching: {},
  });
  const parameters = { "file:1/model.onnx": "AAAA" };
  const load = await postJson(`${node.url}/v2/repository/models/mixed/load`, { parameters });
  expect(load).toMatchObject({ status: 501, body: { error: expect.stringContaining("artifact") } });
  const shared = { ...fp32, parameters: { shared_memory_region: "r" } };
  const infer = await postJson(`${node.url}/v2/models/fp32/infer`, { inputs: [shared] });
  expect(infer.status).toBe(501);
});

test("a raw body is the one input, and its answer is binary", async () => {
  const node = await nodeWithModels();
  const reply = await fetch(`${node.url}/v2/models/fp32/infer`, {
    method: "POST",
    headers: { "inference-header-content-length": "0" },
    body: new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer),
  });
  const header = reply.headers.get("inference-header-content-length") ?? undefined;
  const body = Buffer.from(await reply.arrayBuffer());
  const { outputs } = parseInferResponse(body, header, { tensorBytesMax: 1000 });
  expect(outputs).toMatchObject([{ name: "output", shape: [2, 2] }]);
  expect(Array.from(outputs[0]?.data as Float32Array)).toEqual([1, 2, 3, 4]);
  const two = await fetch(`${node.url}/v2/models/mixed/infer`, {
    method: "POST",
    headers: { "inference-header-content-length": "0" },
    body: "x",
  });
  expect(two.status).toBe(400);
});

test("classification gives the best classes by name", async () => {
  const node = await nodeWithModels();
  const reply = await postJson(`${node.url}/v2/models/mixed/infer`, {
    inputs: [numeric, categorical],
    outputs: [{ name: "probabilities", parameters: { classification: 2 } }],
  });
  const [output] = reply.body.outputs as { datatype: string; shape: number[]; data: string[] }[];
  expect(output).toMatchObject({ datatype: "BYTES", shape: [1, 2] });
  expect(output?.data[0]).toMatch(/^0\.\d{6}:1:true$/);
  expect(output?.data[1]).toMatch(/^0\.\d{6}:0:false$/);
});

test("only the outputs asked for come back, each in its own form", async () => {
  const node = await nodeWithModels();
  const reply = await fetch(`${node.url}/v2/models/mixed/infer`, {
    method: "POST",
    body: JSON.stringify({
      id: "same",
      inputs: [numeric, categorical],
      outputs: [{ name: "probabilities", parameters: { binary_data: true } }, { name: "label" }],
    }),
  });
  const header = reply.headers.get("inference-header-content-length") ?? "0";
  const body = Buffer.from(await reply.arrayBuffer());
  expect(JSON.parse(body.subarray(0, Number(header)).toString())).toEqual({
    model_name: "mixed",
    model_version: "1",
    id: "same",
    outputs: [
      {
        name: "probabilities",
        datatype: "FP32",
        shape: [1, 2],
        parameters: { binary_data_size: 8 },
      },
      { name: "label", datatype: "INT64", shape: [1], data: [1] },
    ],
  });
  expect(body.byteLength).toBe(Number(header) + 8);
  expect(reply.headers.get("inference-timing")).toMatch(/^queue=\d+,compute=\d+,rows=1$/);
});
