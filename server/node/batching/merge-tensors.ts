import {
  allocate,
  type FixedData,
  type Tensor,
  type TensorData,
} from "@/server/protocols/open-inference/codec";

function rowLength(shape: readonly number[]): number {
  let length = 1;
  for (let at = 1; at < shape.length; at++) length *= shape[at] ?? 0;
  return length;
}

/** Rows `from` to `to` of a tensor, as a view over the same memory. */
export function sliceTensor(tensor: Tensor, from: number, to: number): Tensor {
  const width = rowLength(tensor.shape);
  const { data } = tensor;
  const part: TensorData = Array.isArray(data)
    ? (data.slice(from * width, to * width) as TensorData)
    : data.subarray(from * width, to * width);
  return { ...tensor, shape: [to - from, ...tensor.shape.slice(1)], data: part };
}

/**
 * Tensors of the same name, datatype and inner dimensions as one, along the first dimension.
 * `parts` must not be empty.
 */
export function concatenateTensors(parts: readonly Tensor[]): Tensor {
  const [first] = parts;
  if (first === undefined) throw new Error("nothing to concatenate");
  if (parts.length === 1) return first;
  const rows = parts.reduce((sum, part) => sum + (part.shape[0] ?? 0), 0);
  const shape = [rows, ...first.shape.slice(1)];
  const { name, datatype } = first;
  if (datatype === "BYTES")
    return { name, datatype, shape, data: parts.flatMap((part) => part.data as string[]) };
  const data = allocate(datatype, rows * rowLength(shape));
  let at = 0;
  for (const part of parts) {
    setElements(data, part.data as FixedData, at);
    at += part.data.length;
  }
  return { name, datatype, shape, data };
}

/** Both arrays are of the same datatype, which their union type cannot say. */
function setElements(target: FixedData, source: FixedData, at: number): void {
  (target as Float64Array).set(source as Float64Array, at);
}
