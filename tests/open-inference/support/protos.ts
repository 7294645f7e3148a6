import { readFileSync } from "node:fs";
import protobuf from "protobufjs";

const FOLDER = "server/protocols/open-inference/grpc";

const root = new protobuf.Root();
for (const file of ["open_inference.proto", "health.proto"])
  protobuf.parse(readFileSync(`${FOLDER}/${file}`, "utf8"), root, { keepCase: true });

/** A message of the .proto files as a client's own library writes it. */
export function encode(type: string, value: Record<string, unknown>): Buffer {
  const message = root.lookupType(type);
  return Buffer.from(message.encode(message.fromObject(value)).finish());
}

/** And reads it; 64-bit integers are decimal text, bytes are buffers. */
export function decode(type: string, bytes: Uint8Array): Record<string, unknown> {
  const message = root.lookupType(type);
  return message.toObject(message.decode(bytes), { longs: String, enums: String, defaults: true });
}

export const compiledProtos = (): unknown => JSON.parse(JSON.stringify(root.toJSON()));
