import { deflateSync, gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeInferRequest, parseInferResponse } from "@/server/protocols/open-inference/codec";
import { rawRequest, sendRaw } from "./support/raw-http";
import {
  classifierModel,
  classifierSignature,
  identityModel,
  mixedModel,
  mixedSignature,
} from "./support/sample-models";
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

test("gzip and deflate are read and written, anything else is a 400", async () => {
  const node = await nodeWithModels();
  const url = `${node.url}/v2/models/fp32/infer`;
  const send = async (body: Uint8Array, encoding: string) => {
    const reply = await fetch(url, {
      method: "POST",
      headers: { "content-encoding": encoding },
      body: new Uint8Array(body),
    });
    return reply.status;
  };
  const json = Buffer.from(JSON.stringify({ inputs: [fp32] }));
  expect(await send(gzipSync(json), "gzip")).toBe(200);
  expect(await send(deflateSync(json), "deflate")).toBe(200);
  expect(await send(json, "identity")).toBe(200);
  expect(await send(json, "br")).toBe(400);
  expect(await send(json, "gzip")).toBe(400);
  expect(await send(gzipSync(Buffer.alloc(10_000_000)), "gzip")).toBe(413);

  const data = new Array(8000).fill(0.5);
  const large = JSON.stringify({ inputs: [{ ...fp32, shape: [4000, 2], data }] });
  const packed = await rawRequest(node.url, "POST /v2/models/fp32/infer", large, {
    "accept-encoding": "deflate;q=0, gzip",
  });
  expect(packed.headers).toContain("content-encoding: gzip");
  expect(JSON.parse(gunzipSync(packed.body).toString())).toMatchObject({ model_name: "fp32" });
});

test("a body above the limit is 413, declared or chunked, and the node lives on", async () => {
  const node = await nodeWithModels();
  const url = `${node.url}/v2/models/fp32/infer`;
  const declared = await rawRequest(node.url, "POST /v2/models/fp32/infer", "x".repeat(100_001));
  expect(declared.status).toBe(413);
  const stream = new ReadableStream({
    start(controller) {
      for (let at = 0; at < 20; at++) controller.enqueue(new Uint8Array(10_000));
      controller.close();
    },
  });
  const init = { method: "POST", body: stream, duplex: "half" } as RequestInit;
  const chunked = await fetch(url, init).then(
    (reply) => reply.status,
    () => 413,
  );
  expect(chunked).toBe(413);
  expect((await postJson(url, { inputs: [fp32] })).status).toBe(200);
});

test("a body in thousands of tiny chunks is read whole", async () => {
  const node = await nodeWithModels();
  const json = JSON.stringify({ inputs: [fp32] }).padEnd(5000);
  const chunks = [...json].map((letter) => `1\r\n${letter}\r\n`).join("");
  const request = `POST /v2/models/fp32/infer HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n${chunks}0\r\n\r\n`;
  expect((await sendRaw(node.url, Buffer.from(request))).status).toBe(200);
});

test.each([
  ["GET /v2/models/nope", 404],
  ["POST /v2/models/nope/infer", 404],
  ["GET /v2/models/nope/ready", 404],
  ["GET /v2/models/fp32/versions/2", 404],
  ["GET /v2/models/fp32/versions", 404],
  ["GET /v2/models/..%2f..%2fetc/ready", 404],
  ["GET /v2/models/%E0%A4%A", 400],
  ["GET /v2/models/__proto__", 404],
  ["GET /v2/nope", 404],
  ["GET /", 404],
  ["GET /v2/models", 404],
  ["GET /v2/health/nope", 404],
  ["POST /v2/health/live", 405],
  ["GET /v2/models/fp32/infer", 405],
  ["DELETE /v2/models/fp32", 405],
  ["GET /v2/repository/index", 405],
  ["POST /v2/repository/models/nope/unload", 404],
  ["POST /metrics", 405],
  ["POST /v2/models/fp32/infer/more", 404],
  ["POST /v2/models/fp32/config", 405],
  ["GET /v2/systemsharedmemory/status", 501],
  ["POST /v2/logging", 501],
])("%s answers %i with the protocol's error body", async (line, status) => {
  const node = await nodeWithModels();
  const reply = await rawRequest(node.url, line, "");
  expect(reply.status).toBe(status);
  expect(JSON.parse(reply.body.toString())).toEqual({ error: expect.any(String) });
});

test("without its token a node answers health and nothing else", async () => {
  const node = await startTestNode({ token: "a-long-shared-secret" });
  expect((await getJson(`${node.url}/v2/health/ready`)).status).toBe(200);
  for (const path of ["/v2", "/metrics", "/v2/models/stats"])
    expect((await getJson(node.url + path)).status).toBe(401);
  expect((await postJson(`${node.url}/v2/repository/index`, {})).status).toBe(401);
  const wrong = await fetch(`${node.url}/v2`, {
    headers: { "x-modelyard-node-token": "a-long-shared-secreT" },
  });
  expect(wrong.status).toBe(401);
  const bearer = await fetch(`${node.url}/metrics`, {
    headers: { authorization: "Bearer a-long-shared-secret" },
  });
  expect(bearer.status).toBe(200);
  expect(await node.client.index()).toEqual([]);
});

test("what is no HTTP is answered 400 or cut off, and the node lives on", async () => {
  const node = await nodeWithModels();
  expect((await sendRaw(node.url, Buffer.from("nonsense\r\n\r\n"))).status).toBe(400);
  const long = `GET / HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(20_000)}\r\n\r\n`;
  expect((await sendRaw(node.url, Buffer.from(long))).status).toBe(431);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      const { status } = await sendRaw(node.url, Buffer.from(bytes), true);
      expect(status).toBeLessThan(500);
    }),
    { numRuns: 50 },
  );
  expect(node.errors).toEqual([]);
});

test("no bytes sent to infer give a 5xx or end the node", async () => {
  const node = await nodeWithModels();
  const valid = encodeInferRequest(
    {
      inputs: [
        { name: "input", datatype: "FP32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
      ],
    },
    "binary",
  );
  const flipped = fc.tuple(fc.nat(valid.body.length - 1), fc.nat(255)).map(([at, byte]) => {
    const copy = new Uint8Array(valid.body);
    copy[at] = byte;
    return copy;
  });
  const json = fc
    .record(
      {
        id: fc.jsonValue(),
        parameters: fc.jsonValue(),
        inputs: fc.array(
          fc.record(
            {
              name: fc.constantFrom("input", "other", "__proto__"),
              datatype: fc.constantFrom("FP32", "BYTES", "INT64", "nope"),
              shape: fc.array(fc.oneof(fc.integer({ min: -2, max: 3 }), fc.double())),
              data: fc.jsonValue(),
              parameters: fc.jsonValue(),
            },
            { requiredKeys: ["name"] },
          ),
        ),
        outputs: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    .map((value) => new Uint8Array(Buffer.from(JSON.stringify(value))));
  const header = fc.oneof(
    fc.constant(String(valid.headerLength)),
    fc.constant(undefined),
    fc.nat(400).map(String),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("fp32", "bytes", "fp16", "mixed"),
      fc.oneof(flipped, json, fc.uint8Array()),
      header,
      async (model, body, length) => {
        const headers: Record<string, string> = {};
        if (length !== undefined) headers["inference-header-content-length"] = length;
        const url = `${node.url}/v2/models/${model}/infer`;
        const reply = await fetch(url, { method: "POST", headers, body: new Uint8Array(body) });
        await reply.arrayBuffer();
        expect([200, 400]).toContain(reply.status);
      },
    ),
    { numRuns: 400 },
  );
  expect(node.errors).toEqual([]);
  expect((await postJson(`${node.url}/v2/models/fp32/infer`, { inputs: [fp32] })).status).toBe(200);
});

test("statistics and metrics count what was done, under the names that dashboards know", async () => {
  const node = await startTestNode();
  const signature = classifierSignature(4);
  await node.client.load("m", { artifact: node.artifacts.put(classifierModel(4)), signature });
  const rows = {
    name: "numeric",
    datatype: "FP64" as const,
    shape: [3, 4],
    data: new Float64Array(12),
  };
  await node.client.infer("m", [rows]);
  await node.client.infer("m", [rows]);
  const { model_stats: stats } = await node.client.stats();
  expect(stats).toMatchObject([
    {
      name: "m",
      version: "1",
      inference_count: 6,
      execution_count: 2,
      inference_stats: { success: { count: 2 }, fail: { count: 0 }, queue: { count: 2 } },
      batch_stats: [{ batch_size: 3, compute_infer: { count: 2 } }],
    },
  ]);
  const reply = await fetch(`${node.url}/metrics?format=text`);
  expect(reply.headers.get("content-type")).toContain("text/plain");
  const text = await reply.text();
  for (const line of [
    'nv_inference_request_success{model="m",version="1"} 2',
    'nv_inference_count{model="m",version="1"} 6',
    'nv_inference_exec_count{model="m",version="1"} 2',
    'nv_inference_request_failure{model="m",version="1",reason="REJECTED"} 0',
    'nv_inference_pending_request_count{model="m",version="1"} 0',
    'nv_inference_request_duration_histogram_ms_bucket{model="m",version="1",le="+Inf"} 2',
    'nv_inference_request_duration_histogram_ms_count{model="m",version="1"} 2',
  ])
    expect(text.split("\n")).toContain(line);
  await node.client.unload("m");
  expect(await (await fetch(`${node.url}/metrics`)).text()).not.toContain('model="m"');
});
