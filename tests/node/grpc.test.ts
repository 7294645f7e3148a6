import { status } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import { GrpcClient } from "../open-inference/support/grpc-client";
import { classifierModel, classifierSignature, identityModel } from "./support/sample-models";
import { startTestNode, type TestNode } from "./support/start-test-node";

const TOKEN = "secret";
const metadata = { "x-modelyard-node-token": TOKEN };

async function startBoth(): Promise<TestNode & { grpc: GrpcClient }> {
  const node = await startTestNode({ grpcPort: 0, token: TOKEN });
  await node.client.load("same", { artifact: node.artifacts.put(identityModel("FP32")) });
  await node.client.load("flowers", {
    artifact: node.artifacts.put(classifierModel()),
    signature: classifierSignature(),
  });
  const grpc = new GrpcClient(node.grpcPort ?? 0);
  onTestFinished(() => grpc.close());
  return { ...node, grpc };
}

const pair = (more: object = {}) => ({
  model_name: "same",
  inputs: [{ name: "input", datatype: "FP32", shape: [1, 2], contents: { fp32_contents: [1, 2] } }],
  ...more,
});

test("a node answers typed and raw requests over gRPC, with the caller's id and classes", async () => {
  const { grpc, errors } = await startBoth();
  const typed = await grpc.infer(pair({ id: "7", parameters: { a: { int64_param: 1 } } }), {
    metadata,
  });
  expect(typed).toMatchObject({
    code: 0,
    body: {
      model_name: "same",
      model_version: "1",
      id: "7",
      parameters: { a: { int64_param: "1" } },
      outputs: [{ name: "output", shape: ["1", "2"], contents: { fp32_contents: [1, 2] } }],
    },
  });
  const raw = await grpc.infer(
    {
      model_name: "flowers",
      inputs: [{ name: "numeric", datatype: "FP64", shape: [1, 4] }],
      outputs: [{ name: "probabilities", parameters: { classification: { int64_param: 1 } } }],
      raw_input_contents: [Buffer.from(Float64Array.of(1, 2, 3, 4).buffer)],
    },
    { metadata },
  );
  expect(raw.code).toBe(0);
  expect(String((raw.body.raw_output_contents as Buffer[])[0])).toMatch(/\d\.\d+:[01]:(no|yes)$/);
  const stream = grpc.stream({ metadata });
  stream.write(pair({ id: "a" }));
  stream.write(pair({ id: "b", model_name: "gone" }));
  stream.call.end();
  expect(await stream.ended).toMatchObject({ code: 0 });
  expect(stream.replies).toMatchObject([
    { error_message: "", infer_response: { id: "a" } },
    { error_message: expect.stringContaining("gone") },
  ]);
  expect(errors).toEqual([]);
});

test("a node tells over gRPC what it tells over HTTP", async () => {
  const { grpc } = await startBoth();
  const ask = async (name: string, value: object = {}) =>
    (await grpc.call(name, value as Record<string, unknown>, { metadata })).body;
  expect(await ask("ServerMetadata")).toMatchObject({ name: "modelyard-node" });
  expect(await ask("ModelReady", { name: "same" })).toEqual({ ready: true });
  expect(await ask("ModelMetadata", { name: "same" })).toMatchObject({
    versions: ["1"],
    inputs: [{ name: "input", datatype: "FP32", shape: ["-1", "2"] }],
  });
  expect(await ask("ModelConfig", { name: "same" })).toMatchObject({
    config: { name: "same", backend: "onnxruntime" },
  });
  await grpc.infer(pair(), { metadata });
  expect(await ask("ModelStatistics", { name: "same" })).toMatchObject({
    model_stats: [{ name: "same", inference_count: "1" }],
  });
  expect(await ask("RepositoryIndex")).toMatchObject({
    models: [{ name: "same", state: "READY" }, { name: "flowers" }],
  });
});

test("only probes are answered without the token, and refusals have the status of their cause", async () => {
  const { grpc } = await startBoth();
  const codeOf = async (asked: Promise<{ code: number }>) => (await asked).code;
  expect((await grpc.call("ServerLive", {})).body).toEqual({ live: true });
  expect((await grpc.call("ServerReady", {})).body).toEqual({ ready: true });
  const health = grpc.call("Check", { service: "" }, {}, "grpc.health.v1.Health");
  expect((await health).body).toEqual({ status: "SERVING" });
  expect(await codeOf(grpc.infer(pair(), {}))).toBe(status.UNAUTHENTICATED);
  expect(await codeOf(grpc.call("RepositoryIndex", {}))).toBe(status.UNAUTHENTICATED);
  const wrong = { metadata: { authorization: "Bearer wrong" } };
  expect(await codeOf(grpc.infer(pair(), wrong))).toBe(status.UNAUTHENTICATED);
  const bearer = { metadata: { authorization: `Bearer ${TOKEN}` } };
  expect(await codeOf(grpc.infer(pair(), bearer))).toBe(0);
  const refused: [object, number][] = [
    [{ model_name: "gone" }, status.NOT_FOUND],
    [{ model_version: "2" }, status.NOT_FOUND],
    [{ inputs: [] }, status.INVALID_ARGUMENT],
    [{ model_name: "" }, status.INVALID_ARGUMENT],
  ];
  for (const [more, code] of refused) {
    expect(await codeOf(grpc.infer(pair(more), { metadata })), JSON.stringify(more)).toBe(code);
  }
  const load = grpc.raw("/inference.GRPCInferenceService/RepositoryModelLoad", Buffer.alloc(0), {
    metadata,
  });
  expect(await codeOf(load)).toBe(status.UNIMPLEMENTED);
  const garbage = Buffer.alloc(40, 0xff);
  const path = "/inference.GRPCInferenceService/ModelInfer";
  expect(await codeOf(grpc.raw(path, garbage, { metadata }))).toBe(status.INVALID_ARGUMENT);
});

test("a node without a port for gRPC listens on none", async () => {
  const node = await startTestNode();
  expect(node.grpcPort).toBeUndefined();
});
