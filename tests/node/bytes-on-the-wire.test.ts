import { deflateSync, gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeInferRequest } from "@/server/protocols/open-inference/codec";
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
