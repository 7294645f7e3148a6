import { connect, type Socket } from "node:net";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { createNodeClient, NodeRejected, NodeUnavailable } from "@/server/node/client";
import {
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
  FRAME_HEAD_BYTES,
} from "@/server/node/frames/frame-codec";
import { type Frame, FrameReader } from "@/server/node/frames/frame-reader";
import type { Tensor } from "@/server/protocols/open-inference/codec";
import { until } from "../predictions/support/prediction-server";
import { identityModel, slowModel } from "./support/sample-models";
import { startTestNode, type TestNode } from "./support/start-test-node";

const row = (...data: number[]): Tensor => ({
  name: "input",
  datatype: "FP32",
  shape: [1, data.length],
  data: Float32Array.from(data),
});
const kinds: Tensor[] = [
  row(1.5, -2),
  { name: "größe", datatype: "BYTES", shape: [2], data: ["ä", ""] },
  { name: "big", datatype: "INT64", shape: [1, 1], data: BigInt64Array.from([2n ** 62n]) },
  { name: "none", datatype: "FP64", shape: [0, 3], data: new Float64Array(0) },
  { name: "flag", datatype: "BOOL", shape: [], data: Uint8Array.from([1]) },
];
const asText = (tensors: readonly Tensor[]) =>
  tensors.map(({ name, datatype, shape, data }) => ({
    name,
    datatype,
    shape,
    data: Array.from(data as ArrayLike<unknown>, (one) =>
      one instanceof Uint8Array ? Buffer.from(one).toString() : one,
    ),
  }));

test("requests and answers come back as they were sent", () => {
  const request = { model: "m", inputs: kinds, outputs: ["a", "b"], timeoutMs: 1.5, priority: 2 };
  const decoded = decodeRequest(encodeRequest(7, request).subarray(FRAME_HEAD_BYTES));
  expect({ ...decoded, inputs: asText(decoded.inputs) }).toEqual({
    ...request,
    inputs: asText(kinds),
  });
  const answer = { tensors: kinds, queueMs: 0.5, computeMs: 2, batchRows: 3 };
  const back = decodeAnswer(encodeAnswer(7, answer).subarray(FRAME_HEAD_BYTES));
  expect({ ...back, tensors: asText(back.tensors) }).toEqual({ ...answer, tensors: asText(kinds) });
});

test("a stream is cut into the same frames whatever its chunks are", () => {
  const frames = [1, 2, 3].map((id) =>
    encodeAnswer(id, { tensors: kinds, queueMs: 0, computeMs: 0, batchRows: id }),
  );
  const stream = Buffer.concat(frames);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 40 }), (lengths) => {
      const reader = new FrameReader(10_000);
      const seen: Frame[] = [];
      let at = 0;
      for (const length of [...lengths, stream.length]) {
        expect(reader.push(stream.subarray(at, at + length), (one) => seen.push(one))).toBe(true);
        at += length;
      }
      expect(seen.map((one) => one.id)).toEqual([1, 2, 3]);
      expect(seen.map((one) => decodeAnswer(one.payload).batchRows)).toEqual([1, 2, 3]);
    }),
  );
});

test("any bytes as a payload are read or refused, nothing else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decodeRequest(Buffer.from(bytes));
      } catch (error) {
        expect(error).toMatchObject({ status: 400 });
      }
    }),
    { numRuns: 2_000 },
  );
});

/** A client whose frames are connected. */
async function framedClient(node: TestNode, token?: string) {
  const client = createNodeClient({ url: node.url, token, frames: true });
  onTestFinished(() => client.close());
  await node.client.load("id", { artifact: node.artifacts.put(identityModel("FP32")) });
  return client;
}

test("answers over frames are those over HTTP, errors included", async () => {
  const node = await startTestNode({ token: "secret" });
  const client = await framedClient(node, "secret");
  for (let at = 0; at < 50; at++) {
    const [framed, plain] = await Promise.all([
      client.infer("id", [row(at, 2)]),
      node.client.infer("id", [row(at, 2)]),
    ]);
    expect(asText(framed.tensors)).toEqual(asText(plain.tensors));
  }
  const wrong = [
    () => client.infer("nobody", [row(1)]),
    () => client.infer("id", [{ ...row(1), name: "other" }]),
    () => client.infer("id", [row(1)], { outputs: ["other"] }),
  ];
  for (const ask of wrong) await expect(ask()).rejects.toBeInstanceOf(NodeRejected);
  expect(node.errors).toEqual([]);
});

test("a node that stops answers what it has, and its callers go elsewhere", async () => {
  const node = await startTestNode();
  const client = await framedClient(node);
  await node.client.load("slow", { artifact: node.artifacts.put(slowModel()) });
  const big: Tensor = { ...row(), shape: [64, 512], data: new Float32Array(64 * 512) };
  await client.infer("slow", [big]);
  await until(async () => (await client.infer("slow", [big])).timings.batchRows > 0);
  const running = Array.from({ length: 8 }, () => client.infer("slow", [big]));
  const closing = node.close();
  const settled = await Promise.allSettled(running);
  for (const one of settled) {
    // What had not reached the node when it stopped is told to be unavailable, never lost.
    if (one.status === "rejected") expect(one.reason).toBeInstanceOf(NodeUnavailable);
  }
  await closing;
  await expect(client.infer("slow", [big])).rejects.toBeInstanceOf(NodeUnavailable);
});

function raw(node: TestNode, head: string): Promise<{ socket: Socket; reply: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect(node.port, "127.0.0.1", () => socket.write(head));
    socket.once("data", (reply) => resolve({ socket, reply: reply.toString() }));
    socket.once("error", reject);
    onTestFinished(() => void socket.destroy());
  });
}
const upgrade = (path: string, headers = "", protocol = "modelyard-frames/2") =>
  `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: ${protocol}\r\n${headers}\r\n`;

test("only frames, only at their address and only with the token are upgraded", async () => {
  const node = await startTestNode({ token: "secret" });
  const token = "x-modelyard-node-token: secret\r\n";
  const status = async (head: string) => (await raw(node, head)).reply.split(" ")[1];
  expect(await status(upgrade("/v2/frames", token))).toBe("101");
  expect(await status(upgrade("/v2/frames"))).toBe("401");
  expect(await status(upgrade("/v2/frames", token, "websocket"))).toBe("404");
  expect(await status(upgrade("/v2/models", token))).toBe("404");
});

test("garbage on a frame connection ends that connection and nothing else", async () => {
  const node = await startTestNode();
  const client = await framedClient(node);
  for (const bytes of [
    Buffer.alloc(64, 0xff),
    Buffer.alloc(64),
    Buffer.from([9, 0, 0, 0, 1, 0, 0, 0, 1, 255, 255, 255, 255]),
  ]) {
    const { socket } = await raw(node, upgrade("/v2/frames"));
    socket.write(bytes);
    socket.end();
    await new Promise((resolve) => socket.once("close", resolve).resume());
  }
  expect((await client.infer("id", [row(1, 2)])).tensors).toHaveLength(1);
  expect(node.errors).toEqual([]);
});
