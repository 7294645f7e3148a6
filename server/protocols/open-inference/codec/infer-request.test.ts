import { expect, test } from "vitest";
import { encodeInferRequest, parseInferRequest } from "./infer-request";

const limits = { tensorBytesMax: 1024 };

function refusal(request: unknown, header?: string, tail: Uint8Array = new Uint8Array(0)): string {
  const head = Buffer.from(typeof request === "string" ? request : JSON.stringify(request));
  try {
    parseInferRequest(Buffer.concat([head, tail]), header ?? undefined, limits);
  } catch (error) {
    expect(error).toMatchObject({ name: "ProtocolError", status: 400 });
    return (error as Error).message;
  }
  throw new Error("the request was accepted");
}

const input = (part: object) => ({
  inputs: [{ name: "a", datatype: "FP32", shape: [2], data: [1, 2], ...part }],
});

test.each([
  ["too few elements", input({ data: [1] }), "too few elements, shape [2] needs 2, got 1"],
  [
    "too many elements",
    input({ data: [[1, 2], [3]] }),
    "too many elements, shape [2] needs 2, got 3",
  ],
  ["a negative dimension", input({ shape: [-1] }), "must not have negative dimensions"],
  ["a fractional dimension", input({ shape: [1.5] }), "shape must be a list of integers"],
  ["a dimension of text", input({ shape: ["2"] }), "shape must be a list of integers"],
  [
    "a product beyond 2^64",
    input({ shape: [16, 2 ** 60 + 2 ** 20] }),
    "too large|list of integers",
  ],
  [
    "a product beyond 2^53",
    input({ shape: [2 ** 30, 2 ** 30] }),
    "product of its shape is too large",
  ],
  ["more memory than allowed", input({ shape: [257] }), "1028 bytes are more than the limit"],
  ["33 dimensions", input({ shape: new Array(33).fill(1) }), "33 dimensions"],
  ["no shape", input({ shape: undefined }), "shape must be a list"],
  ["an unknown datatype", input({ datatype: "FP128" }), 'datatype "FP128" is not known'],
  ["text as a number", input({ data: [1, "2"] }), '"2" is not a FP32 element'],
  ["null as a number", input({ data: [1, null] }), 'null is not a FP32 element (write "NaN"'],
  ["an object as a number", input({ data: [1, {}] }), "an object is not a FP32 element"],
  ["data that is no list", input({ data: 1 }), "data must be a list"],
  ["FP16 as JSON", input({ datatype: "FP16" }), "FP16 has no JSON form"],
  ["an INT8 of 128", input({ datatype: "INT8", data: [128, 0] }), "128 is not a INT8 element"],
  ["a UINT64 below 0", input({ datatype: "UINT64", data: [-1, 0] }), "-1 is not a UINT64 element"],
  ["an INT32 of 1.5", input({ datatype: "INT32", data: [1.5, 0] }), "1.5 is not a INT32 element"],
  ["a BOOL of 2", input({ datatype: "BOOL", data: [2, 0] }), "2 is not a BOOL element"],
  ["BYTES of numbers", input({ datatype: "BYTES", data: [1, 2] }), "1 is not a BYTES element"],
  ["no name", input({ name: undefined }), "each input must have a name"],
  ["an input that is no object", { inputs: [1] }, "each input must be an object"],
  ["no inputs", {}, "inputs must be a list"],
  ["a list", [], "the body must be a JSON object"],
  ["null", "null", "the body must be a JSON object"],
  ["an id of another type", { id: 1, ...input({}) }, "id must be a string"],
  ["parameters as a list", { parameters: [], ...input({}) }, "parameters of the request"],
  ["a nested parameter", { parameters: { a: {} }, ...input({}) }, 'parameter "a" of the request'],
  [
    "a binary size without binary data",
    input({ data: undefined, parameters: { binary_data_size: 8 } }),
    "binary_data_size 8 is more than the 0 bytes left",
  ],
  ["both forms", input({ parameters: { binary_data_size: 0 } }), "both data and binary_data_size"],
  [
    "a negative binary size",
    input({ data: undefined, parameters: { binary_data_size: -8 } }),
    "binary_data_size must be an integer",
  ],
  [
    "the same input twice",
    { inputs: [...input({}).inputs, ...input({}).inputs] },
    'input "a" is given twice',
  ],
  [
    "the same output twice",
    { ...input({}), outputs: [{ name: "o" }, { name: "o" }] },
    'output "o" is asked for twice',
  ],
  [
    "binary_data that is no boolean",
    { ...input({}), outputs: [{ name: "o", parameters: { binary_data: "yes" } }] },
    "binary_data must be true or false",
  ],
])("%s is refused and the message says why", (_case, request, message) => {
  const got = refusal(request);
  const alternatives = message.split("|");
  expect(alternatives.some((text) => got.includes(text)) ? "" : got).toBe("");
});

test.each(["-1", "abc", "1e3", "99999999999", "4294967296", "9".repeat(40), "", " 5", "0x10"])(
  "Inference-Header-Content-Length %j is refused",
  (header) => {
    expect(refusal(input({}), header)).toContain("Inference-Header-Content-Length must be");
  },
);

const binaryHead = (size: number, part: object = {}) =>
  JSON.stringify(input({ data: undefined, parameters: { binary_data_size: size }, ...part }));

test("binary data of the wrong length is refused with both lengths", () => {
  const head = binaryHead(40, { shape: [8] });
  const message = refusal(head, String(head.length), new Uint8Array(40));
  expect(message).toContain("expected 32 bytes of binary data, got 40");
});

test("bytes behind the last tensor are refused", () => {
  const head = binaryHead(8);
  const message = refusal(head, String(head.length), new Uint8Array(12));
  expect(message).toBe("4 bytes behind the last binary tensor");
});

test("BYTES that run past their data, leave some over or are too few are refused", () => {
  const refuse = (bytes: number[]) => {
    const head = binaryHead(bytes.length, { datatype: "BYTES" });
    return refusal(head, String(head.length), Uint8Array.from(bytes));
  };
  expect(refuse([1, 0, 0, 0, 65, 255, 255, 255, 255])).toContain("element 1 runs past");
  expect(refuse([0, 0, 0, 0, 0, 0, 0, 0, 7])).toContain("1 bytes of binary data are left over");
  expect(refuse([0, 0, 0, 0])).toContain("at least 8 bytes");
});

test("a binary BOOL byte other than 0 and 1 is refused", () => {
  const head = binaryHead(2, { datatype: "BOOL" });
  expect(refusal(head, String(head.length), Uint8Array.of(1, 2))).toContain("must be 0 or 1");
});

test("zero-size dimensions take no data in either form", () => {
  const json = parseInferRequest(
    Buffer.from(JSON.stringify(input({ shape: [0, 5], data: [] }))),
    undefined,
    limits,
  );
  expect(json.inputs[0]?.data).toHaveLength(0);
  const head = binaryHead(0, { shape: [3, 0] });
  const binary = parseInferRequest(Buffer.from(head), String(head.length), limits);
  expect(binary.inputs[0]?.data).toHaveLength(0);
});

test("an output's own binary_data wins over the request's binary_data_output", () => {
  const body = Buffer.from(
    JSON.stringify({
      ...input({}),
      parameters: { binary_data_output: true },
      outputs: [
        { name: "x" },
        { name: "y", parameters: { binary_data: false, classification: 3 } },
      ],
    }),
  );
  expect(parseInferRequest(body, undefined, limits).outputs).toEqual([
    { name: "x", binary: true, classification: undefined },
    { name: "y", binary: false, classification: 3 },
  ]);
});

test("a raw request takes its one variable dimension from the length of the body", () => {
  const raw = (shape: number[], body: Uint8Array, datatype: "FP32" | "BYTES" = "FP32") =>
    parseInferRequest(body, "0", limits, () => ({ name: "x", datatype, shape }));
  expect(raw([-1, 2], new Uint8Array(24)).inputs[0]?.shape).toEqual([3, 2]);
  expect(raw([2], new Uint8Array(8)).binaryOutput).toBe(true);
  expect(raw([-1], Buffer.from("text"), "BYTES").inputs[0]?.data).toEqual([Buffer.from("text")]);
  expect(() => raw([-1, 2], new Uint8Array(7))).toThrow("multiple of 8 bytes");
  expect(() => raw([-1, -1], new Uint8Array(8))).toThrow("at most one variable dimension");
  expect(() => raw([2], new Uint8Array(4))).toThrow("expected 8 bytes");
  expect(() => raw([2], new Uint8Array(4), "BYTES")).toThrow("exactly one BYTES element");
});

test("text that is not UTF-8 is refused", () => {
  expect(() => parseInferRequest(Buffer.from([0x7b, 0xff, 0x7d]), undefined, limits)).toThrow(
    "UTF-8",
  );
});

test("tensor names that look like object internals are kept as they are", () => {
  const data = Float32Array.of(1);
  const inputs = ["__proto__", "constructor", "toString"].map((name) => ({
    name,
    datatype: "FP32" as const,
    shape: [1],
    data,
  }));
  const message = encodeInferRequest({ inputs }, "json");
  const parsed = parseInferRequest(message.body, undefined, limits);
  expect(parsed.inputs.map((tensor) => tensor.name)).toEqual(inputs.map((tensor) => tensor.name));
});
