import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deployVersion } from "@/server/deployments";
import { createModel } from "@/server/registry";
import { auditActions } from "../access/people";
import { multipart, type Part, send } from "../datasets/upload-form";
import {
  createDeployedWorld,
  type DeployedWorld,
  rollOutNow,
} from "../deployments/support/deployed-world";
import { constant, onnxModel } from "../node/support/onnx-writer";
import { bytesField, integerField, messageField } from "../node/support/protobuf-writer";
import {
  classifierModel,
  identityModel,
  mixedModel,
  mixedSignature,
  regressionModel,
} from "../node/support/sample-models";
import {
  call,
  type PredictionServer,
  startPredictionServer,
} from "../predictions/support/prediction-server";
import type { TestWorkspace } from "../support/workspace";

let world: DeployedWorld;
let server: PredictionServer;
let a: TestWorkspace;
let b: TestWorkspace;
let key: string;
let model: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  server = await startPredictionServer(world, world.nodes);
  a = await world.workspace();
  b = await world.workspace();
  key = await a.key("data_scientist");
  model = (
    await createModel(a.as("admin"), { name: "outside", type: "regression", framework: "onnx" })
  ).id;
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const json = (name: string, value: unknown): Part => ({ name, content: JSON.stringify(value) });
const PATIENCE_MS = 30_000;

function upload(content: Buffer, parts: Part[] = [], as = key, part = "model") {
  const form = multipart([...parts, { name: part, content, fileName: "model.onnx" }]);
  return send(
    `${server.url}/api/v1/models/${model}/versions`,
    "POST",
    { authorization: `Bearer ${as}`, "content-type": form.type },
    form.body,
  );
}

describe("an uploaded ONNX file", () => {
  it(
    "gets its signature from the graph, is deployed and predicts like a trained one",
    async () => {
      const reply = await upload(regressionModel(), [
        json("features", ["a", "b"]),
        json("inputExample", { a: 1, b: 2 }),
        { name: "description", content: "made elsewhere" },
      ]);
      expect(reply).toMatchObject({
        status: 201,
        body: {
          number: 1,
          description: "made elsewhere",
          inputExample: { a: 1, b: 2 },
          environment: { origin: "upload", exampleAnswer: { prediction: 9 } },
          signature: {
            task: "regression",
            features: [
              { name: "a", type: "number", nullable: false },
              { name: "b", type: "number", nullable: false },
            ],
            inputs: [{ name: "numeric", datatype: "FP64", shape: [-1, 2], columns: ["a", "b"] }],
            outputs: [{ name: "prediction", datatype: "FP64", shape: [-1] }],
          },
        },
      });
      expect(await auditActions(world, a.id)).toContain("version.registered");
      const { deploymentId } = await deployVersion(a.as("admin"), {
        model,
        versionId: reply.body.id,
        name: "outside-live",
        environment: "development",
      });
      await rollOutNow(world, a, deploymentId);
      const answer = await call(`${server.url}/api/v1/deployments/outside-live/predict`, key, {
        input: { a: 2, b: 1 },
      });
      expect(answer).toMatchObject({ status: 200, body: { predictions: [8] } });
    },
    PATIENCE_MS,
  );

  it(
    "tells classes by the width of its probabilities, or by what the uploader says",
    async () => {
      const plain = await upload(classifierModel(2));
      expect(plain.body.signature).toMatchObject({
        task: "classification",
        classes: [0, 1],
        features: [{ name: "numeric_0" }, { name: "numeric_1" }],
      });
      const named = await upload(classifierModel(2), [json("classes", ["no", "yes"])]);
      expect(named.body.signature.classes).toEqual(["no", "yes"]);
      const whole = await upload(mixedModel(), [json("signature", mixedSignature)]);
      expect(whole.body.signature).toMatchObject(mixedSignature);
    },
    PATIENCE_MS,
  );
});

/** What converters of scikit-learn and XGBoost make of a regressor: one output called variable. */
const variable = onnxModel({
  nodes: [{ op: "MatMul", inputs: ["float_input", "weights"], outputs: ["variable"] }],
  constants: [constant("weights", "FP32", [2, 1], [2, 3])],
  inputs: [{ name: "float_input", type: "FP32", shape: ["batch", 2] }],
  outputs: [{ name: "variable", type: "FP32", shape: ["batch", 1] }],
});

describe("a graph with other names for its outputs", () => {
  it.each([
    [{ name: "task", content: "regression" }],
    [json("outputs", { prediction: "variable" })],
  ])(
    "is told by %j and answers under ours",
    async (part) => {
      const reply = await upload(variable, [
        part,
        json("inputExample", { float_input_0: 1, float_input_1: 2 }),
      ]);
      expect(reply).toMatchObject({
        status: 201,
        body: {
          environment: { exampleAnswer: { prediction: 8 } },
          signature: {
            task: "regression",
            outputs: [{ name: "prediction", datatype: "FP32", shape: [-1, 1] }],
          },
        },
      });
      const name = `renamed-${reply.body.number}`;
      const { deploymentId } = await deployVersion(a.as("admin"), {
        model,
        versionId: reply.body.id,
        name,
        environment: "development",
      });
      await rollOutNow(world, a, deploymentId);
      const answer = await call(`${server.url}/api/v1/deployments/${name}/predict`, key, {
        input: { float_input_0: 3, float_input_1: 1 },
      });
      expect(answer).toMatchObject({ status: 200, body: { predictions: [9] } });
    },
    PATIENCE_MS,
  );

  it(
    "is refused when it has no such output, or ours already",
    async () => {
      const wrong = await upload(variable, [json("outputs", { prediction: "output" })]);
      expect(wrong).toMatchObject({
        status: 422,
        body: { detail: expect.stringContaining("no output output") },
      });
      const twice = await upload(classifierModel(2), [json("outputs", { label: "probabilities" })]);
      expect(twice).toMatchObject({
        status: 422,
        body: { detail: expect.stringContaining("already") },
      });
    },
    PATIENCE_MS,
  );
});

const externalTensor = messageField(
  5,
  integerField(1, 2),
  integerField(2, 11),
  bytesField(8, "weights"),
  messageField(13, bytesField(1, "location"), bytesField(2, "../../etc/passwd")),
  integerField(14, 1),
);
const external = onnxModel({
  nodes: [{ op: "MatMul", inputs: ["numeric", "weights"], outputs: ["prediction"] }],
  constants: [externalTensor],
  inputs: [{ name: "numeric", type: "FP64", shape: ["batch", 2] }],
  outputs: [{ name: "prediction", type: "FP64", shape: ["batch"] }],
});
const foreign = onnxModel({
  nodes: [{ op: "Own", domain: "evil.ops", inputs: ["numeric"], outputs: ["prediction"] }],
  inputs: [{ name: "numeric", type: "FP64", shape: ["batch", 2] }],
  outputs: [{ name: "prediction", type: "FP64", shape: ["batch"] }],
});
const fixedRows = onnxModel({
  nodes: [{ op: "MatMul", inputs: ["numeric", "weights"], outputs: ["prediction"] }],
  constants: [constant("weights", "FP64", [2], [1, 1])],
  inputs: [{ name: "numeric", type: "FP64", shape: [1, 2] }],
  outputs: [{ name: "prediction", type: "FP64", shape: [1] }],
});

describe("refuses with the reason, and registers nothing:", () => {
  it.each<[string, Buffer, Part[], RegExp]>([
    ["weights in other files", external, [], /keeps tensors in other files/],
    ["operators of others", foreign, [], /custom operators of the domain .*evil.ops/],
    ["no ONNX at all", Buffer.from("\u0080\u0004 pickled", "latin1"), [], /not an ONNX model/],
    ["an empty file", Buffer.alloc(0), [], /not an ONNX model/],
    ["outputs with other names", identityModel("FP64"), [], /Say with .*outputs/],
    [
      "whole numbers as input",
      identityModel("INT64"),
      [{ name: "task", content: "regression" }],
      /is INT64/,
    ],
    ["a fixed number of rows", fixedRows, [], /any number of rows/],
    ["too few feature names", regressionModel(), [json("features", ["a"])], /2 columns/],
    ["too many classes", classifierModel(2), [json("classes", [1, 2, 3])], /knows 2 classes/],
    [
      "an example with another feature",
      regressionModel(),
      [json("features", ["a", "b"]), json("inputExample", { a: 1, c: 2 })],
      /does not fit/,
    ],
    [
      "a signature of another model",
      classifierModel(2),
      [json("signature", mixedSignature)],
      /the model has none such/,
    ],
    ["a field that is no JSON", regressionModel(), [{ name: "features", content: "a,b" }], /JSON/],
    [
      "a field nobody knows",
      regressionModel(),
      [{ name: "stage", content: "production" }],
      /stage/,
    ],
  ])(
    "%s",
    async (_what, content, parts, reason) => {
      const before = (await auditActions(world, a.id)).length;
      const reply = await upload(content, parts);
      expect({ status: reply.status, body: JSON.stringify(reply.body) }).toEqual({
        status: 422,
        body: expect.stringMatching(reason),
      });
      expect((await auditActions(world, a.id)).length).toBe(before);
    },
    PATIENCE_MS,
  );

  it("another form, a cut one, and none", async () => {
    expect(await upload(regressionModel(), [], key, "file")).toMatchObject({ status: 422 });
    const headers = { authorization: `Bearer ${key}` };
    const url = `${server.url}/api/v1/models/${model}/versions`;
    const text = { ...headers, "content-type": "application/json" };
    expect((await send(url, "POST", text, "{}")).status).toBe(415);
    const form = multipart([{ name: "model", content: regressionModel(), fileName: "m" }]);
    const cut = form.body.subarray(0, form.body.length - 20);
    const type = { ...headers, "content-type": form.type };
    expect((await send(url, "POST", type, cut)).status).toBe(422);
    const empty = multipart([{ name: "task", content: "regression" }]);
    const emptyType = { ...headers, "content-type": empty.type };
    expect((await send(url, "POST", emptyType, empty.body)).status).toBe(422);
  });

  it("viewers, and people of another workspace", async () => {
    expect((await upload(regressionModel(), [], await a.key("viewer"))).status).toBe(403);
    expect((await upload(regressionModel(), [], await b.key("admin"))).status).toBe(404);
  });
});
