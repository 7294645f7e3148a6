import protobuf from "protobufjs/light.js";
import compiled from "./messages.json" with { type: "json" };
import { malformed } from "./wire-reader";

/** Compiled from the .proto files beside this one by scripts/grpc-messages.ts. */
const root = protobuf.Root.fromJSON(compiled as protobuf.INamespace);

/** A message by its name within the package, as bytes; enum values may be given by name. */
export function encodeReply(type: string, value: Record<string, unknown>): Buffer {
  const message = root.lookupType(type);
  return Buffer.from(message.encode(message.fromObject(value)).finish());
}

/** What the small requests hold; absent fields have the defaults of proto3. */
export interface SmallRequest {
  name: string;
  version: string;
  ready: boolean;
  service: string;
}

/** Reads one of the small requests by the name of its message. Throws ProtocolError 400. */
export function decodeRequest(type: string, bytes: Buffer): SmallRequest {
  const message = root.lookupType(type);
  try {
    const fields = message.toObject(message.decode(bytes), { defaults: true });
    return { name: "", version: "", ready: false, service: "", ...fields };
  } catch {
    throw malformed(`it is no ${type}`);
  }
}
