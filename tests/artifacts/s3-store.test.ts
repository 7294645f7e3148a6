import { randomBytes, randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type BlobStore, createS3Blobs } from "@/server/artifacts";
import { type S3Proxy, startS3Proxy } from "./support/s3-proxy";
import { type S3Server, startS3Server } from "./support/s3-server";

let s3: S3Server;
let proxy: S3Proxy;
let blobs: BlobStore;
beforeEach(async () => {
  s3 = await startS3Server();
  proxy = await startS3Proxy(s3.settings.endpoint ?? "");
  blobs = createS3Blobs({ ...s3.settings, endpoint: proxy.url });
});
afterEach(async () => {
  await proxy.close();
  await s3.close();
});

const newName = () => ({ workspaceId: randomUUID(), objectId: randomUUID() });
const LARGE = 20 * 1024 * 1024 + 12_345;
function* pieces(content: Buffer) {
  for (let at = 0; at < content.length; at += 100_000) yield content.subarray(at, at + 100_000);
}
const write = (name: ReturnType<typeof newName>, content: Buffer) =>
  blobs.write(name, Readable.from(pieces(content)), LARGE);
const whole = { start: 0, end: LARGE };

it("sends small blobs in one request and large ones in parts, and reads ranges", async () => {
  const [small, large] = [randomBytes(1000), randomBytes(LARGE)];
  const [one, two] = [newName(), newName()];
  await write(one, small);
  expect(proxy.requests.map(({ method }) => method)).toEqual(["PUT"]);
  await write(two, large);
  const parts = proxy.requests.filter(({ path }) => path.includes("partNumber="));
  expect(parts).toHaveLength(3);
  const { stream, totalBytes } = await blobs.read(two, { start: 9_000_000, end: 18_000_000 });
  expect(totalBytes).toBe(LARGE);
  expect((await buffer(stream)).equals(large.subarray(9_000_000, 18_000_001))).toBe(true);
  expect((await buffer((await blobs.read(one, whole)).stream)).equals(small)).toBe(true);
});

it("gets through connections that break and servers that ask to slow down", async () => {
  const large = randomBytes(LARGE);
  const name = newName();
  // Begin, part, part, part, complete: each fails at least once.
  proxy.faults.push(503, "pass", "reset", 500, "pass", 429, "pass", "reset", "pass", 503, 502);
  await write(name, large);
  expect(proxy.faults).toEqual([]);
  proxy.faults.push("reset", 503);
  expect((await buffer((await blobs.read(name, whole)).stream)).equals(large)).toBe(true);
  proxy.faults.push(500);
  await blobs.remove(name);
  await expect(blobs.read(name, whole)).rejects.toMatchObject({ code: "not_found" });
});

it("leaves no parts behind when the sender breaks off or the bucket fails for good", async () => {
  const broken = async function* () {
    yield* pieces(randomBytes(LARGE));
    throw new Error("the sender left");
  };
  await expect(blobs.write(newName(), broken(), LARGE)).rejects.toThrow("the sender left");
  // The server of the tests knows no abort; that it was asked for is what counts.
  expect(proxy.requests.at(-1)?.method).toBe("DELETE");
  expect(proxy.requests.at(-1)?.path).toContain("uploadId=");
  // The begin of an upload passes, then its first part fails five times.
  const failing = newName();
  const sent = write(failing, randomBytes(LARGE));
  await expect.poll(() => proxy.requests.at(-1)?.path).toContain("uploads");
  proxy.faults.push(503, 503, 503, 503, 503, 503);
  await expect(sent).rejects.toMatchObject({ code: "unavailable" });
  await expect(blobs.read(failing, whole)).rejects.toMatchObject({ code: "not_found" });
  const left = await readdir(s3.folder, { recursive: true });
  expect(left.filter((path) => path.includes(failing.objectId))).toEqual([]);
});

it("tells callers nothing of S3's own words, and operators what is wrong", async () => {
  const wrong = createS3Blobs({ ...s3.settings, secretAccessKey: "not the key" });
  const error = await wrong.write(newName(), Readable.from([]), 10).catch((one) => one);
  expect(error).toMatchObject({
    code: "unavailable",
    message: "The artifact store does not answer.",
  });
  expect(await wrong.check()).toContain("bucket artifacts");
  const elsewhere = createS3Blobs({ ...s3.settings, bucket: "other" });
  expect(await elsewhere.check()).toContain("bucket other");
  const { endpoint } = s3.settings;
  await s3.close();
  const gone = createS3Blobs({ ...s3.settings, endpoint });
  expect(await gone.check()).toContain(`endpoint ${new URL(endpoint ?? "").host}`);
  s3 = await startS3Server();
});

it("removes all of one workspace and nothing of another", async () => {
  // The server computes another signature than S3 for a bucket's path with a slash at its end.
  await s3.close();
  s3 = await startS3Server({ checkSignatures: false });
  blobs = createS3Blobs(s3.settings);
  const workspaceId = randomUUID();
  const other = newName();
  await write(other, Buffer.from("stays"));
  const names = Array.from({ length: 60 }, () => ({ workspaceId, objectId: randomUUID() }));
  for (let at = 0; at < names.length; at += 20) {
    await Promise.all(names.slice(at, at + 20).map((name) => write(name, Buffer.from("x"))));
  }
  const steps: number[] = [];
  expect(await blobs.removeWorkspace(workspaceId, (count) => steps.push(count))).toBe(60);
  expect(steps).toEqual([60]);
  expect(await blobs.removeWorkspace(workspaceId, () => undefined)).toBe(0);
  expect((await buffer((await blobs.read(other, whole)).stream)).toString()).toBe("stays");
}, 180_000);
