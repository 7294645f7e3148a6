import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { fuzzRuns } from "@/tests/open-inference/support/fuzz";
import { compiledProtos, decode, encode } from "@/tests/open-inference/support/protos";
import {
  allocate,
  DATATYPES,
  type Datatype,
  type FixedData,
  ProtocolError,
  type Tensor,
} from "../codec";
import { readAddress, readInferRequest } from "./read-infer-request";
import { writeInferResponse } from "./write-infer-response";

const LIMITS = { tensorBytesMax: 1_000_000 };

const CONTENTS: Partial<Record<Datatype, string>> = {
  BOOL: "bool_contents",
  INT8: "int_contents",
  INT16: "int_contents",
  INT32: "int_contents",
  INT64: "int64_contents",
  UINT8: "uint_contents",
  UINT16: "uint_contents",
  UINT32: "uint_contents",
  UINT64: "uint64_contents",
  FP32: "fp32_contents",
  FP64: "fp64_contents",
  BYTES: "bytes_contents",
};

/** The ends of each type's range, as the client's library takes them. */
const ELEMENTS: Record<Exclude<Datatype, "FP16" | "BF16">, unknown[]> = {
  BOOL: [true, false],
  INT8: [-128, 127],
  INT16: [-32768, 32767],
  INT32: [-(2 ** 31), 2 ** 31 - 1],
  INT64: ["-9223372036854775808", "9223372036854775807"],
  UINT8: [0, 255],
  UINT16: [0, 65535],
  UINT32: [0, 2 ** 32 - 1],
  UINT64: ["9007199254740993", "18446744073709551615"],
  FP32: [-0.5, Number.POSITIVE_INFINITY],
  FP64: [-1e300, Number.NaN],
  BYTES: [Buffer.from("a\0b"), Buffer.from([255, 0, 254])],
};

const request = (input: object, more: object = {}) =>
  encode("ModelInferRequest", { model_name: "m", inputs: [input], ...more });

const plain = (data: Tensor["data"]): unknown[] =>
  Array.from(data as ArrayLike<unknown>, (one) =>
    typeof one === "bigint" ? String(one) : one instanceof Uint8Array ? Buffer.from(one) : one,
  );

test("the compiled messages are those of the .proto files", () => {
  const path = "server/protocols/open-inference/grpc/messages.json";
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(compiledProtos());
});

describe("typed contents", () => {
  it.each(Object.entries(ELEMENTS))("%s is read and written exactly", (name, elements) => {
    const datatype = name as Datatype;
    const field = CONTENTS[datatype] ?? "";
    const input = { name: "x", datatype, shape: [2], contents: { [field]: elements } };
    const { request: read } = readInferRequest(request(input), LIMITS);
    const [tensor] = read.inputs;
    if (!tensor) throw new Error("no tensor");
    const expected = datatype === "BOOL" ? [1, 0] : elements;
    expect(plain(tensor.data)).toEqual(expected);
    const reply = writeInferResponse({
      modelName: "m",
      modelVersion: "3",
      id: "42",
      echoed: [],
      outputs: [tensor],
      isRaw: false,
    });
    expect(decode("ModelInferResponse", reply)).toMatchObject({
      model_name: "m",
      model_version: "3",
      id: "42",
      outputs: [{ name: "x", datatype, shape: ["2"], contents: { [field]: elements } }],
      raw_output_contents: [],
    });
  });
});

describe("raw contents", () => {
  const fixed = DATATYPES.filter((datatype) => datatype !== "BYTES");
  it.each(fixed)("%s goes both ways as its bytes", (datatype) => {
    const data = allocate(datatype as Exclude<Datatype, "BYTES">, 3) as FixedData;
    const bytes = Buffer.from(data.buffer);
    for (let at = 0; at < bytes.byteLength; at++) bytes[at] = datatype === "BOOL" ? at % 2 : at + 1;
    const raw = request({ name: "x", datatype, shape: [1, 3] }, { raw_input_contents: [bytes] });
    const { request: read, isRaw } = readInferRequest(raw, LIMITS);
    expect(isRaw).toBe(true);
    expect(plain(read.inputs[0]?.data ?? [])).toEqual(plain(data));
    const reply = writeInferResponse({
      modelName: "m",
      modelVersion: "1",
      id: undefined,
      echoed: [],
      outputs: read.inputs,
      isRaw: true,
    });
    expect(decode("ModelInferResponse", reply)).toMatchObject({
      outputs: [{ datatype, shape: ["1", "3"] }],
      raw_output_contents: [bytes],
    });
  });

  it("replies raw where a datatype has no typed form", () => {
    const outputs: Tensor[] = [
      { name: "a", datatype: "FP16", shape: [1], data: Uint16Array.of(15360) },
      { name: "b", datatype: "BYTES", shape: [1], data: ["ü"] },
    ];
    const base = { modelName: "m", modelVersion: "1", id: undefined, echoed: [] };
    const reply = decode(
      "ModelInferResponse",
      writeInferResponse({ ...base, outputs, isRaw: false }),
    );
    expect(reply.raw_output_contents).toEqual([
      Buffer.from([0, 60]),
      Buffer.from([2, 0, 0, 0, 0xc3, 0xbc]),
    ]);
  });
});

describe("parameters", () => {
  it("are read with their types, and those of the caller come back as they came", () => {
    const parameters = {
      big: { int64_param: "-9007199254740993" },
      huge: { uint64_param: "18446744073709551615" },
      whole: { double_param: 3 },
      flag: { bool_param: true },
      note: { string_param: "ü" },
      priority: { uint64_param: 2 },
      sequence_id: { int64_param: 1 },
    };
    const input = { name: "x", datatype: "FP32", shape: [0] };
    const read = readInferRequest(request(input, { parameters }), LIMITS);
    expect(Object.fromEntries(read.request.parameters)).toEqual({
      big: -9007199254740993n,
      huge: 18446744073709551615n,
      whole: 3,
      flag: true,
      note: "ü",
      priority: 2,
      sequence_id: 1,
    });
    const reply = writeInferResponse({
      modelName: "m",
      modelVersion: "1",
      id: undefined,
      echoed: read.echoed,
      outputs: [],
      isRaw: true,
    });
    const { priority, sequence_id, ...own } = parameters;
    expect(decode("ModelInferResponse", reply).parameters).toEqual(own);
  });
});

describe("refuses", () => {
  const x = { name: "x", datatype: "FP32", shape: [2] };
  const four = Buffer.alloc(8);
  const cases: [string, Buffer, string][] = [
    ["too few typed elements", request({ ...x, contents: { fp32_contents: [1] } }), "too few"],
    ["too many", request({ ...x, contents: { fp32_contents: [1, 2, 3] } }), "needs 2, got 3"],
    ["none at all", request(x), "too few elements"],
    ["another field", request({ ...x, contents: { fp64_contents: [1, 2] } }), "fp32_contents"],
    [
      "an element out of range",
      request({ name: "x", datatype: "INT8", shape: [1], contents: { int_contents: [128] } }),
      "128 is not a INT8",
    ],
    [
      "FP16 as typed contents",
      request({ name: "x", datatype: "FP16", shape: [1], contents: { uint_contents: [1] } }),
      "raw_input_contents",
    ],
    ["too few bytes", request(x, { raw_input_contents: [Buffer.alloc(4)] }), "expected 8 bytes"],
    [
      "a missing raw entry",
      encode("ModelInferRequest", {
        model_name: "m",
        inputs: [x, { ...x, name: "y" }],
        raw_input_contents: [four],
      }),
      "1 entries for 2 inputs",
    ],
    [
      "both forms",
      request({ ...x, contents: { fp32_contents: [1, 2] } }, { raw_input_contents: [four] }),
      "exclude each other",
    ],
    ["a negative dimension", request({ ...x, shape: [-1] }), "negative"],
    ["an overflowing shape", request({ ...x, shape: ["4611686018427387904", 4] }), "too large"],
    ["too much memory", request({ ...x, shape: [1_000_000] }), "more than the limit"],
    ["too many dimensions", request({ ...x, shape: new Array(33).fill(1) }), "dimensions"],
    ["an unknown datatype", request({ ...x, datatype: "FP7" }), "not known"],
    ["an input without a name", request({ ...x, name: "" }), "must have a name"],
    [
      "two inputs of one name",
      encode("ModelInferRequest", {
        model_name: "m",
        inputs: [x, x],
        raw_input_contents: [four, four],
      }),
      "given twice",
    ],
    [
      "two outputs of one name",
      request(x, { raw_input_contents: [four], outputs: [{ name: "o" }, { name: "o" }] }),
      "asked for twice",
    ],
    [
      "shared memory",
      request({ ...x, parameters: { shared_memory_region: { string_param: "r" } } }),
      "shared memory",
    ],
    ["a cut message", request(x, { raw_input_contents: [four] }).subarray(0, -3), "past the end"],
    ["an endless number", Buffer.alloc(64, 0xff), "longer than ten bytes"],
  ];
  it.each(cases)("%s", (_name, bytes, message) => {
    expect(() => readInferRequest(bytes, LIMITS)).toThrow(message);
    expect(() => readInferRequest(bytes, LIMITS)).toThrow(ProtocolError);
  });

  it("a request that names no model", () => {
    expect(() => readAddress(encode("ModelInferRequest", {}))).toThrow("model_name is missing");
  });
});

test("no bytes are anything but read or refused", () => {
  const runs = fuzzRuns(3000);
  const valid = request(
    { name: "x", datatype: "INT64", shape: [2], contents: { int64_contents: [1, -1] } },
    { id: "i", parameters: { p: { double_param: 1.5 } }, outputs: [{ name: "o" }] },
  );
  const flipped = fc
    .array(fc.tuple(fc.nat(valid.byteLength - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
    .map((changes) => {
      const copy = Buffer.from(valid);
      for (const [at, byte] of changes) copy[at] = byte;
      return copy;
    });
  const any = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(flipped, any), (bytes) => {
      try {
        readAddress(bytes);
        readInferRequest(bytes, LIMITS);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }),
    { numRuns: runs, seed: 5 },
  );
});
