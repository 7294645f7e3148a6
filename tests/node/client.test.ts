import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import {
  createNodeClient,
  NodeOverloaded,
  NodeRejected,
  NodeTimeout,
  NodeUnavailable,
} from "@/server/node/client";
import type { Tensor } from "@/server/protocols/open-inference/codec";
import { identityModel } from "./support/sample-models";
import { startTestNode } from "./support/start-test-node";

const input: Tensor = {
  name: "input",
  datatype: "FP32",
  shape: [1, 2],
  data: Float32Array.of(1, 2),
};

async function clientOf(server: Server | ReturnType<typeof createTcpServer>) {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const client = createNodeClient({ url: `http://127.0.0.1:${port}` });
  onTestFinished(async () => {
    await client.close();
    server.close();
  });
  return client;
}

test("a node that is not there is NodeUnavailable, and ready says false", async () => {
  const client = createNodeClient({ url: "http://127.0.0.1:1" });
  await expect(client.infer("m", [input])).rejects.toBeInstanceOf(NodeUnavailable);
  expect(await client.ready()).toBe(false);
  await client.close();
});

test("a node that never answers is NodeTimeout after the time given", async () => {
  const client = await clientOf(createServer(() => undefined));
  const started = performance.now();
  await expect(client.infer("m", [input], { timeoutMs: 100 })).rejects.toBeInstanceOf(NodeTimeout);
  expect(performance.now() - started).toBeLessThan(20_000);
});

test("a node that breaks off, talks nonsense or fails is NodeUnavailable", async () => {
  const cut = await clientOf(
    createServer((_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("{");
      setTimeout(() => response.destroy(), 10);
    }),
  );
  await expect(cut.infer("m", [input])).rejects.toBeInstanceOf(NodeUnavailable);
  const nonsense = await clientOf(createServer((_, response) => response.end("<html>")));
  await expect(nonsense.infer("m", [input])).rejects.toBeInstanceOf(NodeUnavailable);
  await expect(nonsense.index()).rejects.toBeInstanceOf(NodeUnavailable);
  const failing = await clientOf(createServer((_, response) => response.writeHead(500).end()));
  await expect(failing.infer("m", [input])).rejects.toBeInstanceOf(NodeUnavailable);
  const noHttp = await clientOf(createTcpServer((socket) => socket.end("hello")));
  await expect(noHttp.infer("m", [input])).rejects.toBeInstanceOf(NodeUnavailable);
});

test("refusals and overload keep the node's own words", async () => {
  const node = await startTestNode();
  const refused = await node.client.infer("nope", [input]).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(NodeRejected);
  expect(refused).toMatchObject({ status: 404, message: expect.stringContaining('"nope"') });
  const busy = await clientOf(
    createServer((_, response) =>
      response.writeHead(503, { "retry-after": "7" }).end('{"error":"full"}'),
    ),
  );
  const overloaded = await busy.infer("m", [input]).catch((error: unknown) => error);
  expect(overloaded).toBeInstanceOf(NodeOverloaded);
  expect(overloaded).toMatchObject({ retryAfterSeconds: 7, message: "full" });
});

test("a connection that the other side closed while idle costs no request", async () => {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    request.resume();
    request.on("end", () => {
      response.end('{"model_name":"m","outputs":[]}');
      // Every connection dies right after its reply, as in a race with an idle timeout.
      response.on("finish", () => setImmediate(() => request.socket.destroy()));
    });
  });
  const client = await clientOf(server);
  for (let at = 0; at < 20; at++) await client.infer("m", [input]);
  expect(requests).toBeGreaterThanOrEqual(20);
});

test("connections are kept alive and used again", async () => {
  const ports = new Set<number>();
  const server = createServer((request, response) => {
    ports.add(request.socket.remotePort ?? 0);
    request.resume();
    request.on("end", () => response.end('{"model_name":"m","outputs":[]}'));
  });
  const client = await clientOf(server);
  for (let at = 0; at < 20; at++) await client.infer("m", [input]);
  // The pool counts a connection as busy until the turn after its reply: two take turns.
  expect(ports.size).toBeLessThanOrEqual(2);
});

test("names with reserved characters reach the node as they are", async () => {
  const paths: (string | undefined)[] = [];
  const client = await clientOf(
    createServer((request, response) => {
      paths.push(request.url);
      response.writeHead(404).end();
    }),
  );
  expect(await client.ready("a/../b?c#d")).toBe(false);
  expect(paths).toEqual(["/v2/models/a%2F..%2Fb%3Fc%23d/ready"]);
});

test("a node that stops answers what it has taken and refuses what comes later", async () => {
  const node = await startTestNode();
  await node.client.load("m", { artifact: node.artifacts.put(identityModel("FP32")) });
  const taken = Array.from({ length: 16 }, () => node.client.infer("m", [input]));
  await Promise.all(taken);
  await node.close();
  await expect(node.client.infer("m", [input])).rejects.toBeInstanceOf(NodeUnavailable);
});
