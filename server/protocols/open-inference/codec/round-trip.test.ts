import fc from "fast-check";
import { expect, test } from "vitest";
import { DATATYPES, type Datatype, ELEMENT_BYTES, type FixedDatatype, viewOf } from "./datatypes";
import { encodeInferRequest, parseInferRequest } from "./infer-request";
import { encodeInferResponse, parseInferResponse } from "./infer-response";
import type { Parameters, ParameterValue, Tensor } from "./tensor";

const limits = { tensorBytesMax: 1_000_000 };

const parameters: fc.Arbitrary<Parameters> = fc
  .array(
    fc.tuple(
      fc.oneof(fc.constant("__proto__"), fc.constant("constructor"), fc.string({ maxLength: 8 })),
      fc.oneof(
        fc.string(),
        fc.boolean(),
        fc.maxSafeInteger(),
        fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
      ) as fc.Arbitrary<ParameterValue>,
    ),
    { maxLength: 4 },
  )
  .map((entries) => new Map(entries));

const shape = fc.array(fc.nat({ max: 3 }), { maxLength: 4 });

function fixedTensor(datatype: FixedDatatype): fc.Arbitrary<Omit<Tensor, "name">> {
  return shape.chain((dims) => {
    const count = dims.reduce((product, dim) => product * dim, 1);
    const size = count * ELEMENT_BYTES[datatype];
    const bytes = fc.uint8Array({ minLength: size, maxLength: size });
    return bytes.map((raw) => {
      const source = datatype === "BOOL" ? raw.map((byte) => byte & 1) : raw;
      const data = viewOf(datatype, new Uint8Array(source).buffer, 0, count);
      return { datatype, shape: dims, data };
    });
  });
}

function bytesTensor(element: fc.Arbitrary<string> | fc.Arbitrary<Uint8Array>) {
  return shape.chain((dims) => {
    const count = dims.reduce((product, dim) => product * dim, 1);
    const data = fc.array<string | Uint8Array>(element, { minLength: count, maxLength: count });
    return data.map((values) => ({
      datatype: "BYTES" as const,
      shape: dims,
      data: values as Tensor["data"],
    }));
  });
}

function tensorList(of: fc.Arbitrary<Omit<Tensor, "name">>): fc.Arbitrary<Tensor[]> {
  const name = fc.oneof(fc.constant("__proto__"), fc.string({ minLength: 1, maxLength: 12 }));
  return fc.uniqueArray(
    fc.tuple(name, of).map(([given, tensor]) => ({ name: given, ...tensor })),
    { selector: (tensor) => tensor.name, maxLength: 4 },
  );
}

const anyTensor = fc.oneof(
  ...DATATYPES.map((datatype) =>
    datatype === "BYTES" ? bytesTensor(fc.uint8Array({ maxLength: 12 })) : fixedTensor(datatype),
  ),
);
const JSON_TYPES = DATATYPES.filter((datatype) => datatype !== "FP16" && datatype !== "BF16");
const jsonTensor = fc.oneof(
  ...JSON_TYPES.map((datatype) =>
    datatype === "BYTES"
      ? bytesTensor(fc.string({ unit: "grapheme", maxLength: 12 }))
      : fixedTensor(datatype),
  ),
);

/** Bits for numbers (any NaN is the same), text for strings: what must survive. */
function content({ datatype, data, shape: dims, name }: Tensor) {
  const values = Array.from(data as ArrayLike<unknown>, (value) => {
    if (typeof value === "string") return Buffer.from(value).toString("hex");
    if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
    return Object.is(value, -0) ? "-0" : String(value);
  });
  return { name, datatype, shape: dims, values };
}

test("requests in the binary form keep every tensor of every datatype, and parameters", () => {
  fc.assert(
    fc.property(tensorList(anyTensor), parameters, fc.string(), (inputs, given, id) => {
      const message = encodeInferRequest({ id, parameters: given, inputs }, "binary");
      const length = message.headerLength === undefined ? undefined : String(message.headerLength);
      const parsed = parseInferRequest(message.body, length, limits);
      expect(parsed.id).toBe(id);
      expect(parsed.inputs.map(content)).toEqual(inputs.map(content));
      const expected = new Map(given).set("binary_data_output", true);
      expect(parsed.parameters).toEqual(expected);
      expect(parsed.binaryOutput).toBe(true);
    }),
  );
});

test("requests in the JSON form keep every tensor that has one", () => {
  fc.assert(
    fc.property(tensorList(jsonTensor), (inputs) => {
      const message = encodeInferRequest({ inputs }, "json");
      const parsed = parseInferRequest(message.body, undefined, limits);
      expect(parsed.inputs.map(content)).toEqual(inputs.map(content));
    }),
  );
});

test("responses keep every tensor when JSON and binary outputs are mixed", () => {
  const mixed = tensorList(
    fc.oneof(
      jsonTensor,
      anyTensor.map((tensor) => ({ ...tensor, parameters: new Map([["raw", true as const]]) })),
    ),
  );
  fc.assert(
    fc.property(mixed, parameters, (outputs, given) => {
      const message = encodeInferResponse(
        { modelName: "m", modelVersion: "1", parameters: given, outputs },
        (tensor) => tensor.parameters?.get("raw") === true,
      );
      const length = message.headerLength === undefined ? undefined : String(message.headerLength);
      const parsed = parseInferResponse(message.body, length, limits);
      expect(parsed.outputs.map(content)).toEqual(outputs.map(content));
      expect(parsed.parameters ?? new Map()).toEqual(given);
    }),
  );
});

test("nested data and flat data are the same", () => {
  const request = (data: unknown) =>
    Buffer.from(
      JSON.stringify({ inputs: [{ name: "a", datatype: "INT8", shape: [2, 1, 2], data }] }),
    );
  const flat = parseInferRequest(request([1, 2, 3, 4]), undefined, limits);
  const nested = parseInferRequest(request([[[1, 2]], [[3, 4]]]), undefined, limits);
  expect(nested.inputs).toEqual(flat.inputs);
});

test("arbitrary bytes behind arbitrary headers are refused, never crash", () => {
  const head = fc.oneof(
    fc.constant(
      '{"inputs":[{"name":"a","datatype":"BYTES","shape":[2],"parameters":{"binary_data_size":9}}]}',
    ),
    fc.constant(
      '{"inputs":[{"name":"a","datatype":"FP64","shape":[1],"parameters":{"binary_data_size":8}}]}',
    ),
    fc.json(),
  );
  fc.assert(
    fc.property(head, fc.uint8Array(), fc.string(), fc.boolean(), (json, rest, header, exact) => {
      const body = Buffer.concat([Buffer.from(json), rest]);
      const length = exact ? String(Buffer.byteLength(json)) : header;
      try {
        parseInferRequest(body, length, limits);
      } catch (error) {
        expect(error).toMatchObject({ name: "ProtocolError", status: 400 });
      }
    }),
  );
});

test("every datatype has a binary form of the size the protocol gives it", () => {
  const sizes: Partial<Record<Datatype, number>> = { BOOL: 1, FP16: 2, BF16: 2, FP32: 4, INT64: 8 };
  expect(ELEMENT_BYTES).toMatchObject(sizes);
});
