import { connect } from "node:net";
import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApiKey, revokeApiKey } from "@/server/access";
import { memberContext } from "../access/people";
import {
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
  slopeModel,
} from "../deployments/support/deployed-world";
import { slowModel } from "../node/support/sample-models";
import { until } from "../predictions/support/prediction-server";
import type { TestWorkspace } from "../support/workspace";
import { type BothServers, startBoth } from "./support/start-servers";

let world: DeployedWorld;
let server: BothServers;
let a: TestWorkspace;
let key: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  a = await world.workspace();
  key = await a.key("data_scientist");
  await deployModel(world, a, "slope", slopeModel(3));
  server = await startBoth(world);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const numeric = (data: number[], shape = [data.length / 2, 2]) => ({
  name: "numeric",
  datatype: "FP64",
  shape,
  contents: { fp64_contents: data },
});
const infer = (value: Record<string, unknown>, options: object = {}) =>
  server.grpc.infer({ model_name: "slope", ...value }, { key, ...options });

describe("callers who leave", () => {
  it("get their deadline or their cancellation, and their work is dropped", async () => {
    const width = 256;
    const columns = Array.from({ length: width }, (_, at) => `x${at}`);
    await deployModel(world, a, "slow", {
      onnx: slowModel(width, 32, "prediction"),
      signature: {
        ...slopeModel(1).signature,
        features: columns.map((name) => ({ name, type: "number" as const, nullable: false })),
        inputs: [{ name: "input", datatype: "FP32", shape: [-1, width], columns }],
        outputs: [{ name: "prediction", datatype: "FP32", shape: [-1, width] }],
      },
    });
    const rows = 16_000;
    const value = {
      model_name: "slow",
      inputs: [{ name: "input", datatype: "FP32", shape: [rows, width] }],
      raw_input_contents: [Buffer.alloc(4 * rows * width)],
    };
    const late = await infer(value, { deadlineMs: 100 });
    expect(late, JSON.stringify(late)).toMatchObject({ code: status.DEADLINE_EXCEEDED });
    const stream = server.grpc.stream({ key });
    stream.write(value);
    setTimeout(() => stream.call.cancel(), 100);
    expect(await stream.ended).toMatchObject({ code: status.CANCELLED });
    // The node works on in slices: it stops with the one at work when its caller left.
    let before = -1;
    const answered = await until(async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      const stats = await world.nodes.members[0]?.client.stats();
      const counts = stats?.model_stats.map((one) => one.inference_count) ?? [];
      const most = Math.max(...counts);
      const isStill = most === before;
      before = most;
      return isStill && { most };
    });
    expect(answered.most).toBeLessThan(2 * rows);
    expect((await infer({ inputs: [numeric([1, 1])] })).code).toBe(0);
  });
});

describe("what is no gRPC", () => {
  it("is cut off or refused, and the server lives on", async () => {
    const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    const frame = (type: number, flags: number, stream: number, body: Buffer) => {
      const head = Buffer.alloc(9);
      head.writeUIntBE(body.byteLength, 0, 3);
      head[3] = type;
      head[4] = flags;
      head.writeUInt32BE(stream, 5);
      return Buffer.concat([head, body]);
    };
    const settings = frame(4, 0, 0, Buffer.alloc(0));
    const attacks = [
      Buffer.from("GET / HTTP/1.1\r\nhost: x\r\n\r\n"),
      Buffer.alloc(1000, 0xff),
      Buffer.concat([preface, settings, frame(1, 4, 1, Buffer.alloc(20, 0xff))]),
      Buffer.concat([preface, settings, frame(0, 1, 7, Buffer.alloc(20))]),
      Buffer.concat([preface, settings, frame(9, 0, 1, Buffer.alloc(20))]),
      Buffer.concat([preface, frame(4, 0, 0, Buffer.alloc(5))]),
    ];
    for (const bytes of attacks) {
      await new Promise<void>((resolve) => {
        const socket = connect(server.grpcPort, "127.0.0.1");
        socket.on("error", () => undefined);
        socket.on("close", () => resolve());
        socket.on("data", () => undefined);
        socket.end(bytes);
      });
    }
    expect((await infer({ inputs: [numeric([1, 1])] })).code).toBe(0);
  });
});

describe("limits", () => {
  it("a revoked key stops within a second, in the middle of a stream as well", async () => {
    const admin = await memberContext(world, a, "admin");
    const made = await createApiKey(admin, { name: "short", role: "data_scientist" });
    const stream = server.grpc.stream({ key: made.key });
    const request = { model_name: "slope", inputs: [numeric([1, 1])] };
    stream.write(request);
    await until(() => stream.replies.length > 0);
    expect(stream.replies[0]).toMatchObject({ error_message: "" });
    await revokeApiKey(admin, { id: made.id });
    await until(async () => {
      const { code } = await infer(request, { key: made.key });
      return code === status.UNAUTHENTICATED;
    });
    stream.write(request);
    expect(await stream.ended).toMatchObject({ code: status.UNAUTHENTICATED });
  });

  it("an address that guesses keys is held off, and told for how long", async () => {
    const guess = () => infer({ inputs: [numeric([1, 1])] }, { key: "mdy_guess_guess" });
    // A key that was good before passes whatever its neighbors send.
    expect((await infer({ inputs: [numeric([1, 1])] })).code).toBe(0);
    const replies = [];
    for (let at = 0; at < 30; at++) replies.push(await guess());
    const last = replies.at(-1);
    expect(last?.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(Number(last?.trailer["retry-after"])).toBeGreaterThan(0);
    expect((await infer({ inputs: [numeric([1, 1])] })).code).toBe(0);
  });
});
