import { readFileSync, writeFileSync } from "node:fs";
import protobuf from "protobufjs";

/** Compiles the .proto files of the gRPC face into what it reads; with --check fails when they differ. */
const folder = "server/protocols/open-inference/grpc";
const path = `${folder}/messages.json`;
const root = new protobuf.Root();
for (const file of ["open_inference.proto", "health.proto"])
  protobuf.parse(readFileSync(`${folder}/${file}`, "utf8"), root, { keepCase: true });
const compiled = JSON.stringify(root.toJSON());
if (process.argv.includes("--check")) {
  if (JSON.stringify(JSON.parse(readFileSync(path, "utf8"))) !== compiled) {
    process.stderr.write(`${path} differs from the .proto files: run scripts/grpc-messages.ts.\n`);
    process.exit(1);
  }
} else writeFileSync(path, `${JSON.stringify(JSON.parse(compiled), null, 2)}\n`);
