import { readdir } from "node:fs/promises";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorld } from "../support/workspace";
import { multipart, send, upload } from "./upload-form";

const LIMIT = 100_000;
process.env.DATASET_MAX_BYTES = String(LIMIT);

let world: TestWorld;
let server: TestServer;
let key: string;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  key = await (await world.workspace()).key("data_scientist");
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const csvOf = (bytes: number) => `x\n${"1\n".repeat(bytes / 2)}`.slice(0, bytes);

it("takes a file of exactly the limit and answers 413 for one byte more", async () => {
  expect((await upload(server.url, key, "full", csvOf(LIMIT))).status).toBe(201);
  const reply = await upload(server.url, key, "over", csvOf(LIMIT + 1));
  expect(reply).toMatchObject({ status: 413, body: { code: "payload_too_large" } });
  expect(reply.body.detail).toContain(String(LIMIT));
  const stored = await readdir(world.artifactsFolder, { recursive: true, withFileTypes: true });
  expect(stored.filter((entry) => entry.isFile())).toHaveLength(1);
});

it("stops a body without a declared length at the limit", async () => {
  const form = multipart([
    { name: "name", content: "chunked" },
    { name: "file", content: "1\n".repeat(20_000_000), fileName: "x.csv" },
  ]);
  const reply = await send(
    `${server.url}/api/v1/datasets`,
    "POST",
    {
      authorization: `Bearer ${key}`,
      "content-type": form.type,
      "transfer-encoding": "chunked",
    },
    form.body,
  );
  expect(reply.status).toBe(413);
});

it("refuses 2 GiB by the declared length alone, at once, before a byte of it came", async () => {
  const started = performance.now();
  const answer = await new Promise<string>((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `POST /api/v1/datasets HTTP/1.1\r\nhost: test\r\nauthorization: Bearer ${key}\r\n` +
          `content-type: multipart/form-data; boundary=x\r\ncontent-length: ${2 * 1024 ** 3}\r\n\r\n`,
      );
    });
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString("utf8"));
    });
    socket.once("error", reject);
  });
  expect(answer).toMatch(/^HTTP\/1.1 413 /);
  expect(answer).toContain("payload_too_large");
  expect(performance.now() - started).toBeLessThan(20_000);
});
