import { Tensor as OrtTensor } from "onnxruntime-node";
import {
  badRequest,
  type Datatype,
  quoted,
  type Tensor,
  type TensorData,
} from "@/server/protocols/open-inference/codec";

/** onnxruntime has no BF16 in its Node binding, so a model with it is refused when it loads. */
const ORT_TYPE = {
  BOOL: "bool",
  UINT8: "uint8",
  UINT16: "uint16",
  UINT32: "uint32",
  UINT64: "uint64",
  INT8: "int8",
  INT16: "int16",
  INT32: "int32",
  INT64: "int64",
  FP16: "float16",
  FP32: "float32",
  FP64: "float64",
  BYTES: "string",
} as const satisfies Record<Exclude<Datatype, "BF16">, OrtTensor.Type>;

const DATATYPE_OF = new Map<string, Datatype>(
  Object.entries(ORT_TYPE).map(([datatype, type]) => [type, datatype as Datatype]),
);

export function datatypeOf(ortType: string): Datatype | undefined {
  return DATATYPE_OF.get(ortType);
}

/** A runtime tensor over the same memory; strings are decoded. Throws ProtocolError 400. */
export function toOrtTensor(tensor: Tensor): OrtTensor {
  const { name, datatype, shape, data } = tensor;
  if (datatype === "BF16") throw badRequest(`tensor ${quoted(name)}: BF16 is not supported`);
  if (datatype === "BYTES") return new OrtTensor("string", stringsOf(name, data), shape);
  const created = makeTensor(ORT_TYPE[datatype], data, shape);
  // The binding reads `data` and knows 16-bit floats only as Uint16Array, while the constructor
  // turns them into a Float16Array where the engine has one.
  if (datatype === "FP16") Object.defineProperty(created, "data", { value: data });
  return created;
}

/** The one place where the datatype's promise about its array is handed to the runtime's overloads. */
function makeTensor(type: OrtTensor.Type, data: TensorData, shape: number[]): OrtTensor {
  return new OrtTensor(type as "float32", data as Float32Array, shape);
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function stringsOf(name: string, data: TensorData): string[] {
  return Array.from(data as ArrayLike<string | Uint8Array>, (value) => {
    const text = typeof value === "string" ? value : decode(name, value);
    // The binding hands strings over as C strings and would cut them at a NUL.
    if (text.includes("\0")) throw badRequest(`tensor ${quoted(name)}: a string holds a NUL byte`);
    return text;
  });
}

function decode(name: string, bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw badRequest(`tensor ${quoted(name)}: its BYTES are not valid UTF-8`);
  }
}

/** The protocol's view of a runtime tensor, over the same memory. */
export function fromOrtTensor(name: string, tensor: OrtTensor): Tensor {
  const datatype = datatypeOf(tensor.type);
  if (datatype === undefined) throw new Error(`output ${name} has the type ${tensor.type}`);
  const shape = [...tensor.dims];
  const data = tensor.data as TensorData;
  if (datatype === "FP16" && ArrayBuffer.isView(data))
    return {
      name,
      datatype,
      shape,
      data: new Uint16Array(data.buffer, data.byteOffset, data.length),
    };
  return { name, datatype, shape, data };
}
