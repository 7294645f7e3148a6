import fc from "fast-check";
import { expect, test } from "vitest";
import { inspectOnnx } from "@/server/node/onnx/inspect-onnx";
import { constant, graphBytes, onnxModel } from "./support/onnx-writer";
import { bytesField, integerField, messageField } from "./support/protobuf-writer";
import {
  classifierModel,
  classifierSignature,
  identityModel,
  mixedModel,
  regressionModel,
} from "./support/sample-models";
import { postJson, startTestNode } from "./support/start-test-node";

const value = { name: "input", type: "FP32" as const, shape: ["batch", 2] };
const output = { ...value, name: "output" };
const identity = { op: "Identity", inputs: ["input"], outputs: ["output"] };

const externalTensor = messageField(
  5,
  integerField(1, 2),
  integerField(2, 1),
  bytesField(8, "weights"),
  messageField(13, bytesField(1, "location"), bytesField(2, "../../etc/passwd")),
  integerField(14, 1),
);

function graphWith(constants: Buffer[]) {
  return { nodes: [identity], inputs: [value], outputs: [output], constants };
}

const branch = graphBytes({
  nodes: [identity],
  inputs: [],
  outputs: [],
  constants: [externalTensor],
});

test.each([
  ["tensors in other files", onnxModel(graphWith([externalTensor])), "tensors in other files"],
  [
    "tensors in other files, hidden in a branch",
    onnxModel({
      nodes: [{ ...identity, op: "If", attributes: { then_branch: { graph: branch } } }],
      inputs: [value],
      outputs: [output],
    }),
    "tensors in other files",
  ],
  [
    "custom operators",
    onnxModel({ nodes: [{ ...identity, domain: "evil.ops" }], inputs: [value], outputs: [output] }),
    'custom operators of the domain "evil.ops"',
  ],
  [
    "a custom operator set",
    onnxModel(graphWith([]), [messageField(8, bytesField(1, "my.domain"), integerField(2, 1))]),
    'the domain "my.domain"',
  ],
  [
    "a field ONNX does not have",
    onnxModel(graphWith([]), [integerField(99, 1)]),
    "unknown field 99",
  ],
  ["training information", onnxModel(graphWith([]), [messageField(20)]), "unknown field 20"],
  [
    "an operator that does not exist",
    onnxModel({ nodes: [{ ...identity, op: "Nope" }], inputs: [value], outputs: [output] }),
    "onnxruntime refuses the model",
  ],
  ["no graph", integerField(1, 8), "it has no graph"],
  ["no protobuf at all", Buffer.from("PK\u0003\u0004 a zip"), "not an ONNX model"],
  ["nothing", Buffer.alloc(0), "it has no graph"],
  ["a cut-off end", identityModel("FP32").subarray(0, 60), "not an ONNX model"],
])("an artifact with %s is refused", async (_case, bytes, message) => {
  const node = await startTestNode();
  await expect(
    node.client.load("m", { artifact: node.artifacts.put(Buffer.from(bytes)) }),
  ).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining(message),
  });
  const index = await postJson(`${node.url}/v2/repository/index`, {});
  expect(index.body).toMatchObject([
    { name: "m", state: "UNAVAILABLE", reason: expect.stringContaining(message) },
  ]);
  expect((await postJson(`${node.url}/v2/repository/index`, { ready: true })).body).toEqual([]);
});

test("graphs nested without end are refused", () => {
  let graph = graphBytes({ nodes: [], inputs: [], outputs: [] });
  for (let depth = 0; depth < 60; depth++)
    graph = graphBytes({
      nodes: [{ ...identity, attributes: { body: { graph } } }],
      inputs: [],
      outputs: [],
    });
  const bytes = Buffer.concat([integerField(1, 8), bytesField(7, graph)]);
  expect(() => inspectOnnx(bytes)).toThrow("nested too deeply");
});

test("functions that the file defines out of built-in operators are no custom operators", () => {
  const custom = { ...identity, op: "Twice", domain: "local" };
  const local = messageField(25, bytesField(1, "Twice"), bytesField(10, "local"));
  const model = onnxModel({ nodes: [custom], inputs: [value], outputs: [output] }, [local]);
  expect(() => inspectOnnx(model)).not.toThrow();
});

test("the inspection of any bytes ends with a verdict", () => {
  const model = mixedModel();
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.tuple(fc.nat(model.length - 1), fc.nat(255)).map(([at, byte]) => {
          const copy = Buffer.from(model);
          copy[at] = byte;
          return copy;
        }),
      ),
      (bytes) => {
        try {
          inspectOnnx(bytes);
        } catch (error) {
          expect(error).toMatchObject({ name: "ProtocolError", status: 400 });
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("damaged models are refused or load, and the node lives on", async () => {
  const node = await startTestNode();
  const model = regressionModel();
  await fc.assert(
    fc.asyncProperty(fc.nat(model.length - 1), fc.nat(255), async (at, byte) => {
      const copy = Buffer.from(model);
      copy[at] = byte;
      const artifact = node.artifacts.put(copy);
      const reply = await postJson(`${node.url}/v2/repository/models/m/load`, {
        parameters: { artifact },
      });
      expect([200, 400]).toContain(reply.status);
    }),
    { numRuns: 150 },
  );
  expect(await node.client.ready()).toBe(true);
  expect(node.errors).toEqual([]);
});

test("a model that contradicts its signature is never ready", async () => {
  const node = await startTestNode();
  const refuse = (model: Buffer, signature: ReturnType<typeof classifierSignature>) =>
    expect(node.client.load("m", { artifact: node.artifacts.put(model), signature })).rejects;
  const good = classifierSignature(4);
  await refuse(classifierModel(5), good).toMatchObject({
    message: expect.stringContaining(
      "input numeric is [-1,4] in the signature and [-1,5] in the model",
    ),
  });
  const threeClasses = { ...good, classes: ["a", "b", "c"] };
  await refuse(classifierModel(4), threeClasses).toMatchObject({
    message: expect.stringContaining("8 probabilities for 4 rows"),
  });
  await refuse(identityModel("FP64"), good).toMatchObject({
    message: expect.stringContaining("names the input numeric"),
  });
  await refuse(mixedModel(), { ...classifierSignature(2) }).toMatchObject({
    message: expect.stringContaining("needs the input categorical"),
  });
  const wrongType = good.outputs.map((tensor) => ({ ...tensor, datatype: "FP64" as const }));
  await refuse(classifierModel(4), { ...good, outputs: wrongType }).toMatchObject({
    message: expect.stringContaining("output label is FP64 in the signature"),
  });
  expect(await node.client.ready("m")).toBe(false);
});

test.each([
  ["../etc", {}],
  ["a/..", {}],
  [" ", {}],
  ["a b", {}],
  [".hidden", {}],
  ["a\u0000b", {}],
  ["a".repeat(200), {}],
])("the model name %j is refused on load", async (name) => {
  const node = await startTestNode();
  const artifact = node.artifacts.put(identityModel("FP32"));
  const reply = await postJson(
    `${node.url}/v2/repository/models/${encodeURIComponent(name)}/load`,
    {
      parameters: { artifact },
    },
  );
  expect(reply.status).toBe(400);
  expect(node.artifacts.reads).toBe(0);
});

test.each([
  ["no artifact", { parameters: {} }, "parameters.artifact"],
  ["no parameters", {}, "parameters"],
  ["an unknown parameter", { parameters: { artifact: "0".repeat(64), color: 1 } }, "color"],
  ["an unknown name", { parameters: { artifact: "0".repeat(64) }, more: 1 }, "more"],
  [
    "a path as the artifact",
    { parameters: { artifact: "../../secret" } },
    "64 lower-case hex digits",
  ],
  [
    "a config that is no JSON",
    { parameters: { artifact: "0".repeat(64), config: "{" } },
    "config is not valid JSON",
  ],
  [
    "an unknown setting",
    { parameters: { artifact: "0".repeat(64), config: '{"max_batch":1}' } },
    "max_batch",
  ],
  [
    "a negative batch size",
    { parameters: { artifact: "0".repeat(64), config: '{"max_batch_size":-1}' } },
    "config.max_batch_size",
  ],
  [
    "a signature that is none",
    { parameters: { artifact: "0".repeat(64), signature: "{}" } },
    "signature.task",
  ],
  ["a list", [], "must be a JSON object"],
  ["no JSON", "{", "not valid JSON"],
])("a load request with %s is refused", async (_case, body, message) => {
  const node = await startTestNode();
  const reply = await postJson(`${node.url}/v2/repository/models/m/load`, body);
  expect(reply).toMatchObject({ status: 400, body: { error: expect.stringContaining(message) } });
});

test("weights inside the file are read", () => {
  expect(() =>
    inspectOnnx(onnxModel(graphWith([constant("w", "FP32", [2], [1, 2])]))),
  ).not.toThrow();
});
