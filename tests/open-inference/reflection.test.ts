import { Client, credentials } from "@grpc/grpc-js";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor/index.js";
import { expect, it, onTestFinished } from "vitest";
import { startTestNode } from "../node/support/start-test-node";

/** The messages as grpc/grpc's reflection.proto numbers them. */
const { root } = protobuf.parse(
  `syntax = "proto3";
   message Request {
     string host = 1;
     oneof asked { string file_by_filename = 3; string file_containing_symbol = 4; string list_services = 7; }
   }
   message Files { repeated bytes file_descriptor_proto = 1; }
   message Service { string name = 1; }
   message Services { repeated Service service = 1; }
   message Failure { int32 error_code = 1; string error_message = 2; }
   message Response {
     string valid_host = 1;
     Request original_request = 2;
     oneof told { Files files = 4; Services services = 6; Failure failure = 7; }
   }`,
  { keepCase: true },
);
const Request = root.lookupType("Request");
const Response = root.lookupType("Response");

interface Told {
  valid_host: string;
  original_request: object;
  files?: { file_descriptor_proto: Uint8Array[] };
  services?: { service: { name: string }[] };
  failure?: { error_code: number; error_message: string };
}

const asIs = (bytes: Buffer): Buffer => bytes;

/** Asks one thing after the other in one stream; answers what came back, and how it ended. */
async function ask(port: number, asked: (object | Buffer)[], version = "v1") {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  onTestFinished(() => client.close());
  const call = client.makeBidiStreamRequest(
    `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
    asIs,
    asIs,
  );
  const told: Told[] = [];
  call.on("data", (bytes: Buffer) =>
    told.push(Response.toObject(Response.decode(bytes)) as unknown as Told),
  );
  const ended = new Promise<number>((resolve) => {
    call.on("status", ({ code }) => resolve(code));
    call.on("error", () => undefined);
  });
  for (const one of asked) {
    const bytes = Buffer.isBuffer(one) ? one : Request.encode(Request.fromObject(one)).finish();
    call.write(Buffer.from(bytes));
  }
  call.end();
  return { code: await ended, told };
}

it("tells services and the files that describe them, in both versions of the service", async () => {
  const { grpcPort = 0 } = await startTestNode({ grpcPort: 0 });
  for (const version of ["v1", "v1alpha"]) {
    const { code, told } = await ask(
      grpcPort,
      [
        { host: "h", list_services: "*" },
        { file_containing_symbol: "inference.GRPCInferenceService.ModelInfer" },
        { file_by_filename: "health.proto" },
        { file_containing_symbol: "inference.Nothing" },
        { file_by_filename: "__proto__" },
      ],
      version,
    );
    expect(code).toBe(0);
    expect(told).toHaveLength(5);
    expect(told[0]).toMatchObject({ valid_host: "h", original_request: { list_services: "*" } });
    expect(told[0]?.services?.service.map(({ name }) => name)).toEqual([
      "inference.GRPCInferenceService",
      "grpc.health.v1.Health",
    ]);
    const files = told.slice(1, 3).map((one) => {
      const [bytes] = one.files?.file_descriptor_proto ?? [];
      const file = descriptor.FileDescriptorProto.decode(bytes ?? Buffer.alloc(0));
      return descriptor.FileDescriptorProto.toObject(file);
    });
    expect(files).toMatchObject([
      { name: "open_inference.proto", package: "inference", syntax: "proto3" },
      { name: "health.proto", package: "grpc.health.v1" },
    ]);
    expect(JSON.stringify(files[0])).toContain(".inference.ModelInferRequest");
    expect(told.slice(3).map((one) => one.failure?.error_code)).toEqual([5, 5]);
  }
});

it("ends the stream of who sends what is no request, and lives on", async () => {
  const { grpcPort = 0, errors } = await startTestNode({ grpcPort: 0 });
  expect((await ask(grpcPort, [Buffer.alloc(20, 0xff)])).code).toBe(3);
  const { told } = await ask(grpcPort, [Buffer.alloc(0), { list_services: "" }]);
  expect(told.map((one) => Object.keys(one).at(-1))).toEqual(["failure", "services"]);
  expect(errors).toEqual([]);
});
