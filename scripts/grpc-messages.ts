import { readFileSync, writeFileSync } from "node:fs";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor/index.js";

/**
 * Compiles the .proto files of the gRPC face into what it reads, and into what it tells of itself by
 * reflection; with --check fails when they differ.
 */
const folder = "server/protocols/open-inference/grpc";
const FILES = ["open_inference.proto", "health.proto"];
const options = { keepCase: true };

const read = (file: string): string => readFileSync(`${folder}/${file}`, "utf8");

function messages(): unknown {
  const root = new protobuf.Root();
  for (const file of FILES) protobuf.parse(read(file), root, options);
  return root.toJSON();
}

interface Named {
  name?: string | null;
}
interface Message extends Named {
  field?: { name?: string | null; typeName?: string | null }[] | null;
  nestedType?: (Message & { options?: { mapEntry?: boolean | null } | null })[] | null;
}

/** protoc and its readers want the entries of a map named after its field. */
function nameMapEntries(message: Message): void {
  for (const nested of message.nestedType ?? []) {
    nameMapEntries(nested);
    if (!nested.options?.mapEntry) continue;
    const field = message.field?.find((one) => one.typeName?.split(".").at(-1) === nested.name);
    const entry = `${nested.name}Entry`;
    if (field) field.typeName = entry;
    nested.name = entry;
  }
}

function descriptors(): unknown {
  const entries = FILES.map((file) => {
    const root = new protobuf.Root();
    const { package: scope = "" } = protobuf.parse(read(file), root, options);
    root.resolveAll();
    const set = (
      root as unknown as { toDescriptor(syntax: string): { file: object[] } }
    ).toDescriptor("proto3");
    const [made] = set.file as { name: string; messageType: Message[]; service: Named[] }[];
    if (!made) throw new Error(`${file} describes nothing.`);
    made.name = file;
    for (const message of made.messageType) nameMapEntries(message);
    const bytes = descriptor.FileDescriptorProto.encode(made as never).finish();
    const symbols = [...made.messageType, ...made.service].map(({ name }) => `${scope}.${name}`);
    return [file, { descriptor: Buffer.from(bytes).toString("base64"), symbols }];
  });
  return Object.fromEntries(entries);
}

for (const [name, value] of [
  ["messages.json", messages()],
  ["descriptors.json", descriptors()],
] as const) {
  const path = `${folder}/${name}`;
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (!process.argv.includes("--check")) writeFileSync(path, text);
  else if (JSON.stringify(JSON.parse(readFileSync(path, "utf8"))) !== JSON.stringify(value)) {
    process.stderr.write(`${path} differs from the .proto files: run scripts/grpc-messages.ts.\n`);
    process.exit(1);
  }
}
