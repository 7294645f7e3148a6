import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listPredictions } from "@/server/predictions";
import {
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
  slopeModel,
} from "../deployments/support/deployed-world";
import {
  classifierModel,
  classifierSignature,
  mixedModel,
  mixedSignature,
} from "../node/support/sample-models";
import { until } from "../predictions/support/prediction-server";
import type { TestWorkspace } from "../support/workspace";
import { decode, encode } from "./support/protos";
import { type BothServers, startBoth } from "./support/start-servers";

let world: DeployedWorld;
let server: BothServers;
let a: TestWorkspace;
let b: TestWorkspace;
let key: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  a = await world.workspace();
  b = await world.workspace();
  key = await a.key("data_scientist");
  await deployModel(world, a, "slope", slopeModel(3));
  await deployModel(world, a, "paint", { onnx: mixedModel(), signature: mixedSignature });
  await deployModel(world, a, "flowers", {
    onnx: classifierModel(),
    signature: classifierSignature(),
  });
  server = await startBoth(world);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const numeric = (data: number[], shape = [data.length / 2, 2]) => ({
  name: "numeric",
  datatype: "FP64",
  shape,
  contents: { fp64_contents: data },
});
const infer = (value: Record<string, unknown>, options: object = {}) =>
  server.grpc.infer({ model_name: "slope", ...value }, { key, ...options });

describe("health and metadata", () => {
  it("answers probes and server metadata without a key", async () => {
    const { grpc } = server;
    expect((await grpc.call("ServerLive", {})).body).toEqual({ live: true });
    expect((await grpc.call("ServerReady", {})).body).toEqual({ ready: true });
    expect((await grpc.call("ServerMetadata", {})).body).toMatchObject({
      name: "modelyard",
      extensions: expect.arrayContaining(["binary_tensor_data", "statistics"]),
    });
    const check = (service: string) => grpc.call("Check", { service }, {}, "grpc.health.v1.Health");
    expect((await check("")).body).toEqual({ status: "SERVING" });
    expect((await check("inference.GRPCInferenceService")).body).toEqual({ status: "SERVING" });
    expect((await check("nobody")).code).toBe(status.NOT_FOUND);
  });

  it("tells those who watch its health the state at once", async () => {
    const watch = (service: string) =>
      new Promise<unknown>((resolve) => {
        const call = server.grpc.client.makeServerStreamRequest(
          "/grpc.health.v1.Health/Watch",
          (bytes: Buffer) => bytes,
          (bytes: Buffer) => decode("HealthCheckResponse", bytes),
          encode("HealthCheckRequest", { service }),
        );
        // Cancelled by us once the first state is here.
        call.on("error", () => undefined);
        call.once("data", (state) => {
          call.cancel();
          resolve(state);
        });
      });
    expect(await watch("")).toEqual({ status: "SERVING" });
    expect(await watch("nobody")).toEqual({ status: "SERVICE_UNKNOWN" });
  });

  it("describes a deployment, its configuration and what the repository holds", async () => {
    const { grpc } = server;
    const asked = { name: "paint", version: "1" };
    expect((await grpc.call("ModelReady", asked, { key })).body).toEqual({ ready: true });
    expect((await grpc.call("ModelMetadata", asked, { key })).body).toEqual({
      name: "paint",
      versions: ["1"],
      platform: "onnxruntime_onnx",
      inputs: [
        { name: "numeric", datatype: "FP64", shape: ["-1", "2"] },
        { name: "categorical", datatype: "BYTES", shape: ["-1", "1"] },
      ],
      outputs: [
        { name: "label", datatype: "INT64", shape: ["-1"] },
        { name: "probabilities", datatype: "FP32", shape: ["-1", "2"] },
      ],
    });
    const { body } = await grpc.call("ModelConfig", asked, { key });
    expect(body.config).toMatchObject({
      name: "paint",
      backend: "onnxruntime",
      version_policy: { specific: { versions: ["1"] } },
      input: [
        { name: "numeric", data_type: "TYPE_FP64", dims: ["2"] },
        { name: "categorical", data_type: "TYPE_STRING", dims: ["1"] },
      ],
    });
    const index = await grpc.call("RepositoryIndex", { ready: true }, { key });
    expect(index.body.models).toEqual(
      ["flowers", "paint", "slope"].map((name) => ({
        name,
        version: "1",
        state: "READY",
        reason: "",
      })),
    );
    const other = await grpc.call("RepositoryIndex", {}, { key: await b.key("viewer") });
    expect(other.body.models).toEqual([]);
  });
});

describe("infer", () => {
  it("answers typed contents in kind, with the caller's id and parameters", async () => {
    const reply = await infer({
      id: "42",
      parameters: { trace: { string_param: "x" }, level: { double_param: 2 } },
      inputs: [numeric([1, 1, 2, 2])],
    });
    expect(reply).toMatchObject({
      code: 0,
      body: {
        model_name: "slope",
        model_version: "1",
        id: "42",
        parameters: { trace: { string_param: "x" }, level: { double_param: 2 } },
        outputs: [{ name: "prediction", shape: ["2"], contents: { fp64_contents: [4, 8] } }],
        raw_output_contents: [],
      },
      trailer: { "x-modelyard-version": "1", "x-request-id": expect.any(String) },
    });
  });

  it("answers raw contents in kind, strings and classes among them", async () => {
    const color = Buffer.from([3, 0, 0, 0, ...Buffer.from("red")]);
    const { body } = await infer({
      model_name: "paint",
      inputs: [
        { name: "categorical", datatype: "BYTES", shape: [1, 1] },
        { name: "numeric", datatype: "FP64", shape: [1, 2] },
      ],
      outputs: [
        { name: "label" },
        { name: "probabilities", parameters: { classification: { int64_param: 1 } } },
      ],
      raw_input_contents: [color, Buffer.from(new Float64Array([2, 1]).buffer)],
    });
    expect(body.outputs).toMatchObject([
      { name: "label", datatype: "INT64", shape: ["1"] },
      { name: "probabilities", datatype: "BYTES", shape: ["1", "1"] },
    ]);
    const [, classes] = body.raw_output_contents as Buffer[];
    expect(classes?.subarray(4).toString()).toMatch(/^0\.\d{6}:[01]:(true|false)$/);
  });

  it("counts what it answered, for the statistics and the log", async () => {
    const version = { model_version: "1" };
    const before = await server.grpc.call("ModelStatistics", { name: "flowers" }, { key });
    expect(before.body.model_stats).toMatchObject([{ name: "flowers", inference_count: "0" }]);
    const input = { ...numeric([1, 0, 0, 1, 1, 0, 0, 1], [2, 4]) };
    await infer({ model_name: "flowers", ...version, inputs: [input] });
    const after = await server.grpc.call("ModelStatistics", { name: "flowers" }, { key });
    expect(after.body.model_stats).toMatchObject([
      {
        version: "1",
        inference_count: "2",
        execution_count: "1",
        inference_stats: { success: { count: "1" }, fail: { count: "0" } },
        batch_stats: [{ batch_size: "2" }],
      },
    ]);
    const over = await fetch(`${server.url}/v2/models/flowers/versions/1/stats`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(await over.json()).toMatchObject({ model_stats: [{ inference_count: 2 }] });
    const metrics = await server.gateway.metrics.registry.metrics();
    expect(metrics).toMatch(
      /modelyard_prediction_requests_total\{protocol="grpc",status="2xx"\} [1-9]/,
    );
    const all = await server.grpc.call("ModelStatistics", {}, { key });
    expect(all.body.model_stats).toHaveLength(3);
    await server.gateway.logs.flush();
    const logged = await until(async () => {
      const { items } = await listPredictions(a.as("viewer"), { deployment: "flowers", limit: 1 });
      return items.length > 0 && items;
    });
    expect(logged).toMatchObject([{ status: 200, outputs: { predictions: expect.any(Array) } }]);
  });

  it("answers a stream in the order of its requests, errors between the answers", async () => {
    const stream = server.grpc.stream({ key });
    for (let at = 0; at < 100; at++) {
      const input = at % 10 === 9 ? numeric([at], [1, 2]) : numeric([at, 0]);
      const last = { triton_enable_empty_final_response: { bool_param: true } };
      stream.write({ model_name: "slope", id: String(at), inputs: [input], parameters: last });
    }
    stream.call.end();
    expect(await stream.ended).toMatchObject({ code: 0 });
    expect(stream.replies).toHaveLength(100);
    stream.replies.forEach((reply, at) => {
      if (at % 10 === 9) expect(reply.error_message).toContain("too few elements");
      else
        expect(reply).toMatchObject({
          error_message: "",
          infer_response: {
            id: String(at),
            parameters: { triton_final_response: { bool_param: true } },
            outputs: [{ contents: { fp64_contents: [3 * at] } }],
          },
        });
    });
  });

  it("ends a stream of a caller without rights with the status", async () => {
    const stream = server.grpc.stream({ key: "mdy_nobody" });
    stream.write({ model_name: "slope", inputs: [numeric([1, 1])] });
    expect(await stream.ended).toMatchObject({ code: status.UNAUTHENTICATED });
  });
});

describe("refuses, with the status of the cause,", () => {
  it("callers without a key or right, other workspaces' models and unknown ones", async () => {
    const value = { inputs: [numeric([1, 1])] };
    expect((await infer(value, { key: undefined })).code).toBe(status.UNAUTHENTICATED);
    expect((await infer(value, { key: "mdy_x_y" })).code).toBe(status.UNAUTHENTICATED);
    const viewer = await a.key("viewer");
    expect((await infer(value, { key: viewer })).code).toBe(status.PERMISSION_DENIED);
    expect((await infer(value, { key: await b.key("admin") })).code).toBe(status.NOT_FOUND);
    for (const wrong of [{ model_name: "nobody" }, { model_version: "9" }, { model_version: "x" }])
      expect((await infer({ ...value, ...wrong })).code).toBe(status.NOT_FOUND);
    expect((await infer({ ...value, model_name: "" })).code).toBe(status.INVALID_ARGUMENT);
    const basic = `Basic ${Buffer.from(`any:${key}`).toString("base64")}`;
    const reply = await infer(value, { key: undefined, metadata: { authorization: basic } });
    expect(reply.code).toBe(0);
  });

  it("methods it does not have, by what they are about", async () => {
    for (const [name, what] of [
      ["SystemSharedMemoryStatus", "shared memory"],
      ["RepositoryModelLoad", "deploy a version"],
      ["NobodyKnows", "does not implement"],
    ] as const) {
      const reply = await server.grpc.raw(
        `/inference.GRPCInferenceService/${name}`,
        Buffer.alloc(0),
      );
      expect(reply).toMatchObject({
        code: status.UNIMPLEMENTED,
        details: expect.stringContaining(what),
      });
    }
  });

  it("messages above the limit, packed ones included", async () => {
    const { code } = await server.grpc.raw(
      "/inference.GRPCInferenceService/ModelInfer",
      Buffer.alloc(66 * 1024 * 1024),
      { key },
    );
    expect(code).toBe(status.RESOURCE_EXHAUSTED);
    expect((await infer({ inputs: [numeric([1, 1])] })).code).toBe(0);
  });
});
