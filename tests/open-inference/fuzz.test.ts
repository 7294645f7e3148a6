import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { encodeInferRequest } from "@/server/protocols/open-inference/codec";
import {
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
} from "../deployments/support/deployed-world";
import { mixedModel, mixedSignature } from "../node/support/sample-models";
import { fuzzRuns, fuzzSeed } from "./support/fuzz";
import { encode } from "./support/protos";
import { type BothServers, startBoth } from "./support/start-servers";

let world: DeployedWorld;
let server: BothServers;
let key: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  const workspace = await world.workspace();
  key = await workspace.key("data_scientist");
  await deployModel(world, workspace, "paint", { onnx: mixedModel(), signature: mixedSignature });
  server = await startBoth(world);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const TENSORS = [
  { name: "numeric", datatype: "FP64" as const, shape: [1, 2], data: new Float64Array([1, 0]) },
  { name: "categorical", datatype: "BYTES" as const, shape: [1, 1], data: ["red"] },
];

/** A few bytes of a valid message changed, and some cut off its end. */
const broken = (valid: Uint8Array) =>
  fc
    .tuple(
      fc.array(fc.tuple(fc.nat(valid.byteLength - 1), fc.nat(255)), { maxLength: 6 }),
      fc.nat(4),
    )
    .map(([changes, cut]) => {
      const copy = new Uint8Array(valid.slice(0, valid.byteLength - cut));
      for (const [at, byte] of changes) copy[at] = byte;
      return copy;
    });

const parameters = fc.dictionary(
  fc.constantFrom("priority", "timeout", "binary_data_size", "classification", "unit", "__proto__"),
  fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom(-1, 2 ** 53, 1e300, "NaN")),
);
const tensor = fc.record(
  {
    name: fc.constantFrom("numeric", "categorical", "other", "__proto__", ""),
    datatype: fc.constantFrom("FP64", "BYTES", "INT64", "FP16", "BOOL", "nope"),
    shape: fc.array(fc.oneof(fc.integer({ min: -2, max: 3 }), fc.double(), fc.maxSafeInteger())),
    data: fc.jsonValue(),
    parameters,
  },
  { requiredKeys: ["name"] },
);
const json = fc
  .record(
    {
      id: fc.jsonValue({ maxDepth: 1 }),
      parameters,
      inputs: fc.oneof(fc.array(tensor, { maxLength: 3 }), fc.jsonValue()),
      outputs: fc.oneof(fc.array(tensor, { maxLength: 2 }), fc.jsonValue()),
    },
    { requiredKeys: [] },
  )
  .map((value) => new Uint8Array(Buffer.from(JSON.stringify(value))));

const options = { numRuns: fuzzRuns(300), seed: fuzzSeed() };

it("no JSON, binary tensors or header length make REST answer anything but 200 and 4xx", async () => {
  const valid = encodeInferRequest({ inputs: TENSORS }, "binary");
  const plain = encodeInferRequest({ inputs: TENSORS }, "json");
  const header = fc.oneof(
    fc.constantFrom(String(valid.headerLength), undefined, "0", "-1", "1e9", "９"),
    fc.nat(400).map(String),
  );
  const bodies = fc.oneof(broken(valid.body), broken(plain.body), json, fc.uint8Array());
  const packing = fc.constantFrom(undefined, undefined, undefined, "gzip", "deflate", "nope");
  await fc.assert(
    fc.asyncProperty(bodies, header, packing, async (body, length, encoding) => {
      const headers: Record<string, string> = { authorization: `Bearer ${key}` };
      if (length !== undefined && /^[\x20-\x7e]*$/.test(length))
        headers["inference-header-content-length"] = length;
      if (encoding !== undefined) headers["content-encoding"] = encoding;
      const url = `${server.url}/v2/models/paint/infer`;
      const reply = await fetch(url, { method: "POST", headers, body: new Uint8Array(body) });
      await reply.arrayBuffer();
      expect([200, 400, 413]).toContain(reply.status);
    }),
    options,
  );
});

it("no path below /v2 answers a 5xx but 501 and 503", async () => {
  const word = fc.constantFrom(
    "models",
    "paint",
    "versions",
    "1",
    "ready",
    "infer",
    "stats",
    "config",
    "repository",
    "index",
    "load",
    "..",
    "%2e%2e",
    "%zz",
    "%00",
    "",
    "__proto__",
    "constructor",
    "trace",
  );
  const path = fc.array(word, { maxLength: 7 }).map((words) => words.join("/"));
  const method = fc.constantFrom("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS");
  await fc.assert(
    fc.asyncProperty(path, method, async (below, verb) => {
      const reply = await fetch(`${server.url}/v2/${below}`, {
        method: verb,
        headers: { authorization: `Bearer ${key}` },
      });
      await reply.arrayBuffer();
      expect(reply.status === 501 || reply.status === 503 || reply.status < 500).toBe(true);
    }),
    options,
  );
});

it("no message makes gRPC answer with a fault of ours, on any method", async () => {
  const valid = encode("ModelInferRequest", {
    model_name: "paint",
    model_version: "1",
    id: "x",
    inputs: [
      { name: "numeric", datatype: "FP64", shape: [1, 2], contents: { fp64_contents: [1, 0] } },
      {
        name: "categorical",
        datatype: "BYTES",
        shape: [1, 1],
        contents: { bytes_contents: [Buffer.from("red")] },
      },
    ],
    parameters: { priority: { int64_param: 1 } },
  });
  const method = fc.constantFrom(
    "ModelInfer",
    "ModelInfer",
    "ModelReady",
    "ModelMetadata",
    "ModelConfig",
    "ModelStatistics",
    "RepositoryIndex",
    "ServerLive",
  );
  await fc.assert(
    fc.asyncProperty(method, fc.oneof(broken(valid), fc.uint8Array()), async (name, bytes) => {
      const path = `/inference.GRPCInferenceService/${name}`;
      const message = Buffer.from(bytes);
      const { code } = await server.grpc.raw(path, message, { key }, `${name}Response`);
      // OK, INVALID_ARGUMENT, NOT_FOUND, UNIMPLEMENTED
      expect([0, 3, 5, 12]).toContain(code);
    }),
    options,
  );
  expect(server.faults).toEqual([]);
  const ready = await fetch(`${server.url}/v2/health/ready`);
  expect(ready.status).toBe(200);
});
