import { type Server, type ServerDuplexStream, status } from "@grpc/grpc-js";
import descriptors from "./descriptors.json" with { type: "json" };
import { HEALTH } from "./health";
import { INFERENCE, method } from "./service";
import { refusalOf } from "./status";
import { WireReader } from "./wire-reader";
import { WireWriter } from "./wire-writer";

/** Both are the same on the wire; older clients know the second alone. */
const SERVICES = [
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
];

/** FileDescriptorProtos by the names of their files, in base64; made by scripts/grpc-messages.ts. */
const FILES: Record<string, { descriptor: string; symbols: string[] }> = descriptors;
/** Longest request that is repeated in its answer, bytes. */
const REQUEST_BYTES_MAX = 16 * 1024;

const fileOf = (symbol: string): string | undefined =>
  Object.keys(FILES).find((name) =>
    FILES[name]?.symbols.some((known) => symbol === known || symbol.startsWith(`${known}.`)),
  );

/** Adds the standard reflection service (grpc/grpc, doc/server-reflection.md): what can be called. */
export function addReflection(server: Server): void {
  for (const service of SERVICES) {
    const name = "ServerReflectionInfo";
    server.addService(
      { [name]: method(service, name, { request: true, reply: true }) },
      { [name]: answerAll },
    );
  }
}

function answerAll(call: ServerDuplexStream<Buffer, Buffer>): void {
  call.on("data", (bytes: Buffer) => {
    try {
      call.write(answer(bytes));
    } catch (error) {
      call.emit("error", refusalOf(error, ""));
    }
  });
  call.on("error", () => undefined);
  call.on("end", () => call.end());
}

/** A ServerReflectionResponse as bytes. Throws ProtocolError 400. */
function answer(request: Buffer): Buffer {
  const reader = new WireReader(request);
  let host = "";
  let write = (writer: WireWriter) => writeError(writer, "the request asks for nothing known");
  while (reader.next()) {
    if (reader.field === 1) host = reader.text();
    else if (reader.field === 3) {
      const name = reader.text();
      write = (writer) => writeFile(writer, Object.hasOwn(FILES, name) ? name : undefined);
    } else if (reader.field === 4) {
      const symbol = reader.text();
      write = (writer) => writeFile(writer, fileOf(symbol));
    } else if (reader.field === 7) {
      reader.skip();
      write = writeServices;
    } else reader.skip();
  }
  const writer = new WireWriter();
  writer.text(1, host);
  if (request.byteLength <= REQUEST_BYTES_MAX) writer.bytes(2, request);
  write(writer);
  return writer.finish();
}

function writeFile(writer: WireWriter, name: string | undefined): void {
  const file = name === undefined ? undefined : FILES[name];
  if (file) writer.message(4, (inner) => inner.bytes(1, Buffer.from(file.descriptor, "base64")));
  else writeError(writer, "this server knows no such file or symbol");
}

function writeServices(writer: WireWriter): void {
  writer.message(6, (list) => {
    for (const name of [INFERENCE, HEALTH]) list.message(1, (one) => one.text(1, name));
  });
}

function writeError(writer: WireWriter, message: string): void {
  writer.message(7, (inner) => {
    inner.tag(1, 0);
    inner.varint(status.NOT_FOUND);
    inner.text(2, message);
  });
}
