import { binarySize, writeBinaryData } from "./binary-tensor";
import { encodeJsonData } from "./json-tensor";
import { parametersJson } from "./message";
import type { Tensor } from "./tensor";

/**
 * A message ready for the wire. `headerLength` is set when binary tensors follow the JSON: it
 * becomes the header `Inference-Header-Content-Length` and the type `application/octet-stream`.
 */
export type EncodedMessage = { body: Buffer; headerLength: number | undefined };

/** Joins JSON members, the tensors under `listName`, and the binary form of those that are `binary`. */
export function encodeMessage(
  members: string[],
  listName: "inputs" | "outputs",
  tensors: readonly Tensor[],
  binary: (tensor: Tensor) => boolean,
): EncodedMessage {
  const entries: string[] = [];
  const appended: Tensor[] = [];
  let appendedBytes = 0;
  for (const tensor of tensors) {
    if (binary(tensor)) {
      const size = binarySize(tensor.datatype, tensor.data);
      entries.push(tensorJson(tensor, undefined, size));
      appended.push(tensor);
      appendedBytes += size;
    } else {
      entries.push(tensorJson(tensor, encodeJsonData(tensor), undefined));
    }
  }
  members.push(`"${listName}":[${entries.join(",")}]`);
  const head = `{${members.join(",")}}`;
  if (appended.length === 0) return { body: Buffer.from(head), headerLength: undefined };

  const headBytes = Buffer.byteLength(head);
  const body = Buffer.allocUnsafe(headBytes + appendedBytes);
  body.write(head, 0);
  let at = headBytes;
  for (const tensor of appended) at = writeBinaryData(tensor.datatype, tensor.data, body, at);
  return { body, headerLength: headBytes };
}

function tensorJson(tensor: Tensor, data: string | undefined, size: number | undefined): string {
  const head = `{"name":${JSON.stringify(tensor.name)},"datatype":"${tensor.datatype}","shape":[${tensor.shape.join(",")}]`;
  const parameters = parametersWithSize(tensor, size);
  return `${head}${parameters}${data === undefined ? "" : `,"data":${data}`}}`;
}

function parametersWithSize(tensor: Tensor, size: number | undefined): string {
  if (tensor.parameters === undefined)
    return size === undefined ? "" : `,"parameters":{"binary_data_size":${size}}`;
  const parameters = new Map(tensor.parameters);
  parameters.delete("binary_data_size");
  if (size !== undefined) parameters.set("binary_data_size", size);
  return parameters.size === 0 ? "" : `,"parameters":${parametersJson(parameters)}`;
}
