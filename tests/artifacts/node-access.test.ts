import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import pino from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createArtifactReader, createObjectStore, createS3Blobs } from "@/server/artifacts";
import { createNodeClient, type NodeClient } from "@/server/node/client";
import { type RunningNode, startNode } from "@/server/node/start-node";
import { identityModel } from "../node/support/sample-models";
import {
  createTestWorld,
  type TestWorkspace,
  type TestWorld,
  testKeyring,
} from "../support/workspace";
import { type S3Server, startS3Server } from "./support/s3-server";

let world: TestWorld;
let s3: S3Server;
let node: RunningNode;
let client: NodeClient;
let a: TestWorkspace;
const lines: string[] = [];
beforeAll(async () => {
  world = await createTestWorld();
  s3 = await startS3Server();
  a = await world.workspace();
  const log = pino({ level: "trace" }, { write: (line: string) => lines.push(line) });
  // The node has the bucket's credentials and nothing else: no database, no secret, no key.
  node = await startNode({
    host: "127.0.0.1",
    port: 0,
    token: "token",
    readArtifact: createArtifactReader(createS3Blobs(s3.settings)),
    cacheBytesMax: 64e6,
    maxBodyBytes: 8e6,
    log,
  });
  client = createNodeClient({ url: node.url, token: "token" });
});
afterAll(async () => {
  await client.close();
  await node.close();
  await s3.close();
  await world.close();
});

async function store() {
  const objects = createObjectStore({
    db: world.db,
    blobs: createS3Blobs(s3.settings),
    keyring: testKeyring(),
  });
  const onnx = identityModel("FP32");
  const stored = await objects.put(a.id, Readable.from([onnx]), 1e6);
  return { ...stored, access: await objects.access(a.id, stored.sha256) };
}

it("a remote node opens a sealed model from the bucket with the key that came along", async () => {
  const { sha256, sizeBytes, access } = await store();
  await client.load("m", { artifact: sha256, sizeBytes, access });
  expect(await client.ready("m")).toBe(true);
  const said = JSON.stringify([await client.index(), await client.stats()]) + lines.join();
  expect(said).not.toContain(access.key);
});

it("a key opens its own object in its own workspace and nothing else", async () => {
  const { sha256, sizeBytes, access } = await store();
  const cases: [string, object, RegExp][] = [
    ["another key", { key: Buffer.alloc(32, 7).toString("base64") }, /not what was stored/],
    ["another workspace", { workspaceId: randomUUID() }, /does not exist/],
    ["another object", { objectId: randomUUID() }, /does not exist/],
  ];
  for (const [what, change, message] of cases) {
    const load = client.load("x", {
      artifact: sha256,
      sizeBytes,
      access: { ...access, ...change },
    });
    await expect(load, what).rejects.toThrow(message);
  }
  const partly = { artifact: sha256, sizeBytes, access: { ...access, key: "" } };
  await expect(client.load("x", partly)).rejects.toThrow();
  await expect(client.load("x", { artifact: sha256, sizeBytes })).rejects.toThrow("does not exist");
});
