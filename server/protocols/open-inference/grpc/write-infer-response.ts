import { binarySize, type Tensor, writeBinaryData } from "@/server/protocols/open-inference/codec";
import { hasContents, writeContents } from "./tensor-contents";
import { WireWriter } from "./wire-writer";

export interface OutgoingResponse {
  modelName: string;
  modelVersion: string;
  id: string | undefined;
  /** Entries of `parameters`, already written. */
  echoed: readonly Buffer[];
  outputs: readonly Tensor[];
  /** Raw contents; also taken for typed ones where a datatype has no other form. */
  isRaw: boolean;
  /** Adds the parameter by which a stream's reply says that it is the last of its request. */
  isFinal?: boolean;
}

/** What a message takes besides its tensors, about. */
const HEAD_BYTES = 512;

/** A ModelInferResponse as bytes. */
export function writeInferResponse(response: OutgoingResponse): Buffer {
  const { outputs } = response;
  const isRaw = response.isRaw || outputs.some((output) => !hasContents(output.datatype));
  const sizes = isRaw ? outputs.map((one) => binarySize(one.datatype, one.data)) : [];
  const writer = new WireWriter(HEAD_BYTES + sizes.reduce((sum, size) => sum + size + 8, 0));
  writer.text(1, response.modelName);
  writer.text(2, response.modelVersion);
  if (response.id !== undefined) writer.text(3, response.id);
  for (const entry of response.echoed) writer.bytes(4, entry);
  if (response.isFinal) writer.message(4, writeFinal);
  for (const output of outputs) writer.message(5, (inner) => writeOutput(inner, output, isRaw));
  outputs.forEach((output, at) => {
    const size = sizes[at];
    if (size !== undefined)
      writer.sized(6, size, (target, offset) =>
        writeBinaryData(output.datatype, output.data, target, offset),
      );
  });
  return writer.finish();
}

function writeFinal(entry: WireWriter): void {
  entry.text(1, "triton_final_response");
  entry.message(2, (value) => {
    value.tag(1, 0);
    value.varint(1);
  });
}

function writeOutput(writer: WireWriter, output: Tensor, isRaw: boolean): void {
  writer.text(1, output.name);
  writer.text(2, output.datatype);
  if (output.shape.length > 0)
    writer.message(3, (shape) => {
      for (const length of output.shape) shape.varint(length >>> 0, Math.floor(length / 2 ** 32));
    });
  if (!isRaw) writer.message(5, (contents) => writeContents(contents, output));
}

/** A ModelStreamInferResponse that answers. */
export function writeStreamReply(reply: Buffer): Buffer {
  const writer = new WireWriter(reply.byteLength + 16);
  writer.bytes(2, reply);
  return writer.finish();
}

/** A ModelStreamInferResponse that says why there is no answer. */
export function writeStreamError(message: string): Buffer {
  const writer = new WireWriter();
  writer.text(1, message);
  return writer.finish();
}
