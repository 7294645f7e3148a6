import { expect, test } from "vitest";
import {
  allocate,
  compileSignature,
  type Datatype,
  type Tensor,
} from "@/server/protocols/open-inference/codec";
import { ONNX_TYPE, type OnnxType } from "./support/onnx-writer";
import {
  classifierModel,
  classifierSignature,
  identityModel,
  mixedModel,
  mixedSignature,
  regressionModel,
  regressionSignature,
} from "./support/sample-models";
import { postJson, startTestNode } from "./support/start-test-node";

test("a classifier answers rows of features with labels and probabilities", async () => {
  const node = await startTestNode();
  const signature = classifierSignature(4);
  await node.client.load("m1", { artifact: node.artifacts.put(classifierModel(4)), signature });
  const { encode, decode } = compileSignature(signature);
  const encoded = encode([
    { x0: 5, x1: 0, x2: -5, x3: 5 },
    { x0: -5, x1: 0, x2: 5, x3: -5 },
  ]);
  if ("issues" in encoded) throw new Error("rows were refused");
  const { tensors, timings } = await node.client.infer("m1", encoded.tensors);
  const { predictions, probabilities } = decode(tensors);
  expect(predictions).toEqual(["no", "yes"]);
  expect(probabilities?.[0]?.no).toBeGreaterThan(0.99);
  expect(Number(probabilities?.[1]?.no) + Number(probabilities?.[1]?.yes)).toBeCloseTo(1, 6);
  expect(timings.batchRows).toBe(2);
  expect(timings.computeMs).toBeGreaterThan(0);
});

test("a graph that encodes strings itself takes categories, missing values and umlauts", async () => {
  const node = await startTestNode();
  const artifact = node.artifacts.put(mixedModel());
  await node.client.load("mixed", { artifact, signature: mixedSignature });
  const { encode, decode } = compileSignature(mixedSignature);
  const encoded = encode([
    { width: 1, wet: true, color: "grün" },
    { width: 1, wet: true, color: null },
  ]);
  if ("issues" in encoded) throw new Error("rows were refused");
  const answer = decode((await node.client.infer("mixed", encoded.tensors)).tensors);
  expect(answer.predictions).toEqual([true, false]);
});

test("a regression answers numbers", async () => {
  const node = await startTestNode();
  const artifact = node.artifacts.put(regressionModel());
  await node.client.load("r", { artifact, signature: regressionSignature });
  const { encode, decode } = compileSignature(regressionSignature);
  const encoded = encode([{ a: 0.5, b: 2 }]);
  if ("issues" in encoded) throw new Error("rows were refused");
  const { tensors } = await node.client.infer("r", encoded.tensors);
  expect(decode(tensors)).toEqual({ predictions: [8] });
});

test.each(Object.keys(ONNX_TYPE) as OnnxType[])(
  "%s travels through the model bit by bit in the binary form",
  async (datatype: Datatype & OnnxType) => {
    const node = await startTestNode();
    const artifact = node.artifacts.put(identityModel(datatype));
    await node.client.load("identity", { artifact });
    const input = extremes(datatype);
    const { tensors } = await node.client.infer("identity", [input]);
    const [output] = tensors;
    expect(output?.name).toBe("output");
    expect(output?.datatype).toBe(datatype);
    expect(output?.shape).toEqual(input.shape);
    const decode = (data: Tensor["data"]) =>
      Array.from(data as ArrayLike<unknown>, (value) =>
        value instanceof Uint8Array ? Buffer.from(value).toString() : value,
      );
    expect(decode(output?.data ?? [])).toEqual(decode(input.data));
  },
);

function extremes(datatype: Datatype): Tensor {
  const shape = [2, 2];
  const name = "input";
  if (datatype === "BYTES")
    return { name, datatype, shape, data: ["", "grün", "😀", "a".repeat(70_000)] };
  const data = allocate(datatype, 4);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    data.set([2n ** 63n - 1n, -(2n ** 63n), 9007199254740993n, 0n]);
  else if (datatype === "BOOL") data.set([1, 0, 0, 1]);
  else if (datatype.startsWith("FP")) data.set([Number.MAX_VALUE, -0, 1e-40, Number.NaN]);
  else data.set([-1, 255, 65_535, 4_294_967_295]);
  return { name, datatype, shape, data };
}

test("JSON in, JSON out: id echoed, 64-bit integers exact, NaN and infinities readable", async () => {
  const node = await startTestNode();
  await node.client.load("i64", { artifact: node.artifacts.put(identityModel("INT64")) });
  await node.client.load("f64", { artifact: node.artifacts.put(identityModel("FP64")) });
  const integers = await fetch(`${node.url}/v2/models/i64/infer?test_1=1&test_2=2`, {
    method: "POST",
    body: `{"id":"42","inputs":[{"name":"input","datatype":"INT64","shape":[1,2],"data":[[9007199254740993,-9223372036854775808]]}]}`,
  });
  expect(integers.status).toBe(200);
  const text = await integers.text();
  expect(text).toContain('"data":[9007199254740993,-9223372036854775808]');
  expect(JSON.parse(text)).toMatchObject({ id: "42", model_name: "i64", model_version: "1" });

  const floats = await postJson(
    `${node.url}/v2/models/f64/versions/1/infer`,
    `{"inputs":[{"name":"input","datatype":"FP64","shape":[2,2],"data":[NaN,Infinity,-Infinity,"NaN"]}]}`,
  );
  expect(floats.status).toBe(200);
  expect(floats.body.outputs).toMatchObject([{ data: ["NaN", "Infinity", "-Infinity", "NaN"] }]);
});
