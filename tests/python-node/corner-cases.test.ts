import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createNodeClient, type NodeClient } from "@/server/node/client";
import {
  encodeInferRequest,
  parseInferResponse,
  type TensorData,
} from "@/server/protocols/open-inference/codec";
import { slopeModel } from "../deployments/support/deployed-world";
import { rawRequest, sendRaw } from "../node/support/raw-http";
import { identityModel, mixedModel, mixedSignature } from "../node/support/sample-models";
import { type Asked, type Face, overRest } from "../open-inference/support/both-faces";
import { numeric, one, REFUSED } from "../open-inference/support/refused";
import {
  NODE_DEADLINE_MS,
  NODE_TOKEN,
  type PythonNode,
  skipPython,
  startPythonNode,
} from "./support/python-node";

const run = promisify(execFile);
/** The environment of NVIDIA's client, which npm test makes of tests/open-inference/requirements.lock. */
const STOCK_PYTHON = resolve(
  process.env.MODELYARD_INFERENCE_PYTHON ??
    "node_modules/.cache/modelyard/inference-clients/bin/python",
);

const files = new Map<string, Buffer>();
const artifacts = createServer((request, response) => {
  const file = files.get(request.url?.split("/").at(-1) ?? "");
  response.writeHead(file ? 200 : 404, { "content-length": file?.byteLength ?? 0 });
  response.end(file);
});
let node: PythonNode;
let client: NodeClient;
let ask: Face;
const shown = { "x-modelyard-node-token": NODE_TOKEN };

beforeAll(async () => {
  if (skipPython) return;
  await new Promise<void>((done) => artifacts.listen(0, "127.0.0.1", done));
  const { port } = artifacts.address() as AddressInfo;
  node = await startPythonNode(`http://127.0.0.1:${port}`, { register: false });
  client = createNodeClient({ url: node.url, token: NODE_TOKEN });
  const put = (file: Buffer) => {
    const digest = createHash("sha256").update(file).digest("hex");
    files.set(digest, file);
    return digest;
  };
  const { onnx, signature } = slopeModel(3);
  await client.load("slope", { artifact: put(onnx), signature });
  await client.load("paint", { artifact: put(mixedModel()), signature: mixedSignature });
  for (const type of ["FP16", "FP32", "INT64", "BYTES", "BOOL"] as const)
    await client.load(type, { artifact: put(identityModel(type)) });
  // A gateway shows people's keys, a node its token: both as a bearer's.
  ask = overRest({ url: node.url } as Parameters<typeof overRest>[0], NODE_TOKEN);
}, NODE_DEADLINE_MS);
afterAll(async () => {
  if (skipPython) return;
  await client.close();
  await node.close();
  artifacts.close();
  expect(node.log.filter((line) => line.includes("request_failed"))).toEqual([]);
}, NODE_DEADLINE_MS);

/** A gateway names what it does not find otherwise. */
const reasonOf = (outcome: string, message: string) =>
  outcome === "not_found" ? expect.any(String) : expect.stringContaining(message);

describe.skipIf(skipPython)("the Python node", () => {
  it.each(REFUSED)("%s is refused with the reason", async (_title, asked, outcome, message) => {
    const told = await ask(asked as Asked);
    expect([told.outcome, told.message]).toEqual([outcome, reasonOf(outcome, message)]);
  });

  it("rows that are none, not finite or huge come back as what they are", async () => {
    const none = await ask({ inputs: [numeric([], [0, 2])] });
    expect(none).toMatchObject({ outcome: "ok", outputs: { prediction: [] } });
    const odd = ["NaN", 0, "Infinity", 0];
    expect((await ask({ inputs: [numeric(odd)] })).outputs.prediction).toEqual([
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ]);
    const far = await ask({ inputs: [numeric([1e300, 1e-300])] });
    expect(far.outputs.prediction).toEqual([3e300]);
  });

  it("id and the caller's parameters come back, those with a meaning do not", async () => {
    const parameters = { note: "ü", count: 3, share: 0.5, flag: true };
    const meant = { priority: 1, timeout: 0, sequence_id: 7, binary_data_output: false };
    const told = await ask({ id: "a b", parameters: { ...parameters, ...meant }, inputs: [one] });
    expect(told).toMatchObject({ outcome: "ok", id: "a b", parameters });
    expect(told.parameters).toEqual(parameters);
  });

  it("every datatype travels as binary both ways, exact", async () => {
    const sent = {
      FP16: Uint16Array.of(15360, 31744),
      FP32: Float32Array.of(0.1, Number.NaN),
      INT64: BigInt64Array.of(2n ** 62n + 1n, -(2n ** 63n)),
      BYTES: ["grün", ""],
      BOOL: Uint8Array.of(1, 0),
    } as const;
    for (const [type, data] of Object.entries(sent)) {
      const datatype = type as keyof typeof sent;
      const tensor = {
        name: "input",
        datatype,
        shape: [1, 2],
        data: data as unknown as TensorData,
      };
      const { tensors } = await client.infer(type, [tensor]);
      const [answer] = tensors;
      const read = Array.from((answer?.data ?? []) as ArrayLike<unknown>, (value) =>
        value instanceof Uint8Array ? Buffer.from(value).toString() : value,
      );
      expect([answer?.datatype, read], type).toEqual([type, [...data]]);
    }
  });

  it("INT64 beyond 2^53 is exact in JSON too", async () => {
    const body = `{"inputs":[{"name":"input","datatype":"INT64","shape":[1,2],"data":[9007199254740993,-9223372036854775808]}]}`;
    const headers = { authorization: `Bearer ${NODE_TOKEN}` };
    const reply = await fetch(`${node.url}/v2/models/INT64/infer`, {
      method: "POST",
      headers,
      body,
    });
    expect(await reply.text()).toContain("[9007199254740993,-9223372036854775808]");
  });

  it("a raw body is the one input, and its answer is binary", async () => {
    const reply = await fetch(`${node.url}/v2/models/FP32/infer`, {
      method: "POST",
      headers: { ...shown, "inference-header-content-length": "0" },
      body: new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer),
    });
    const header = reply.headers.get("inference-header-content-length") ?? undefined;
    const body = Buffer.from(await reply.arrayBuffer());
    const { outputs } = parseInferResponse(body, header, { tensorBytesMax: 1000 });
    expect(Array.from(outputs[0]?.data as Float32Array)).toEqual([1, 2, 3, 4]);
  });

  it("classification names the classes of the signature", async () => {
    const told = await ask({
      model: "paint",
      inputs: [
        { name: "numeric", datatype: "FP64", shape: [1, 2], data: [1, 0] },
        { name: "categorical", datatype: "BYTES", shape: [1, 1], data: ["red"] },
      ],
      outputs: [{ name: "probabilities", parameters: { classification: 2 } }],
    });
    expect(told.outputs.probabilities).toEqual([
      expect.stringMatching(/^0\.\d{6}:1:true$/),
      expect.stringMatching(/^0\.\d{6}:0:false$/),
    ]);
  });

  it("nesting, header lengths, packings and bodies beyond the limits are refused, and it lives", async () => {
    const post = (body: BodyInit, headers: Record<string, string> = {}) =>
      fetch(`${node.url}/v2/models/slope/infer`, {
        method: "POST",
        headers: { ...shown, ...headers },
        body,
      }).then((reply) => reply.status);
    const deep = (levels: number) => `{"x":${"[".repeat(levels)}${"]".repeat(levels)}}`;
    expect(await post(deep(101))).toBe(400);
    expect(await post(deep(250_000))).toBe(400);
    expect(await post('{"inputs":[],"inputs":[]}')).toBe(400);
    const asked = JSON.stringify({ inputs: [one] });
    expect(await post(asked)).toBe(200);
    for (const length of ["-1", "2147483648", "99999999999999999999", "1e2", "x", "1,1", "0x10"])
      expect(await post(asked, { "inference-header-content-length": length }), length).toBe(400);
    expect(await post(gzipSync(asked), { "content-encoding": "gzip" })).toBe(200);
    const bomb = gzipSync(Buffer.alloc(65 * 1024 * 1024, 0x20));
    expect(await post(bomb, { "content-encoding": "gzip" })).toBe(413);
    for (const encoding of ["br", "zstd", "gzip, gzip"])
      expect(await post("{}", { "content-encoding": encoding }), encoding).toBe(400);
    const binary = encodeInferRequest(
      {
        inputs: [{ name: "numeric", datatype: "FP64", shape: [1, 2], data: Float64Array.of(1, 1) }],
      },
      "binary",
    );
    const cut = new Uint8Array(binary.body.subarray(0, -4));
    const header = { "inference-header-content-length": String(binary.headerLength) };
    expect(await post(cut, header)).toBe(400);
    expect((await fetch(`${node.url}/v2/health/live`)).status).toBe(200);
  });

  it.each([
    ["GET /v2/models/nope", 404],
    ["POST /v2/models/nope/infer", 404],
    ["GET /v2/models/slope/versions/2", 404],
    ["GET /v2/models/slope/versions/1?a=1", 200],
    ["GET /v2/models/sl%6fpe/ready?a=1&b=2", 200],
    ["GET /v2/models/slope/stats", 200],
    ["GET /v2/models/..%2f..%2fetc/ready", 404],
    ["GET /v2/models/%E0%A4%A", 400],
    ["GET /v2/models/__proto__", 404],
    ["GET /", 404],
    ["GET /v2/models", 404],
    ["POST /v2/health/live", 405],
    ["GET /v2/models/slope/infer", 405],
    ["DELETE /v2/models/slope", 405],
    ["GET /v2/repository/index", 405],
    ["POST /v2/repository/models/nope/unload", 404],
    ["POST /metrics", 405],
    ["GET /v2/systemsharedmemory/status", 501],
    ["POST /v2/logging", 501],
  ])("%s answers %i", async (line, status) => {
    expect((await rawRequest(node.url, line, "", shown)).status).toBe(status);
  });

  it(
    "NVIDIA's stock client works in all that it offers over HTTP",
    async () => {
      if (!existsSync(STOCK_PYTHON))
        throw new Error(`There is no Python at ${STOCK_PYTHON}. Run npm test, which makes it.`);
      const args = ["tests/python-node/stock_triton.py", new URL(node.url).host, NODE_TOKEN];
      const { stdout } = await run(STOCK_PYTHON, args, { timeout: NODE_DEADLINE_MS });
      expect(JSON.parse(stdout)).toMatchObject({
        model: expect.stringMatching(/^404: /),
        token: expect.stringMatching(/^401: /),
        shape: expect.stringMatching(/^400: .*must have the shape/),
        memory: expect.stringMatching(/^501: /),
        unloaded: expect.stringMatching(/^404: /),
      });
    },
    NODE_DEADLINE_MS,
  );

  it("what is no HTTP ends its connection alone", async () => {
    for (const bytes of ["nonsense\r\n\r\n", "\0\0\0\0\r\n\r\n"])
      expect((await sendRaw(node.url, Buffer.from(bytes))).status).toBe(400);
    expect((await fetch(`${node.url}/v2/health/live`)).status).toBe(200);
  });
});
