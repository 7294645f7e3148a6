import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type BlobStore,
  cleanIncoming,
  createFileBlobs,
  createObjectStore,
  createS3Blobs,
} from "@/server/artifacts";
import type { ObjectStore } from "@/server/kernel/ports";
import { asOwner } from "../support/database";
import {
  createTestWorld,
  type TestWorkspace,
  type TestWorld,
  testKeyring,
} from "../support/workspace";
import { type S3Server, startS3Server } from "./support/s3-server";

let world: TestWorld;
let s3: S3Server;
beforeAll(async () => {
  world = await createTestWorld();
  s3 = await startS3Server();
});
afterAll(async () => {
  await s3.close();
  await world.close();
});

const BACKENDS: [string, () => { blobs: BlobStore; folder: string }][] = [
  [
    "files",
    () => ({ blobs: createFileBlobs(world.artifactsFolder), folder: world.artifactsFolder }),
  ],
  ["s3", () => ({ blobs: createS3Blobs(s3.settings), folder: s3.folder })],
];

describe.each(BACKENDS)("objects in %s", (_name, open) => {
  let store: ObjectStore;
  let folder: string;
  let workspace: TestWorkspace;
  beforeAll(async () => {
    const opened = open();
    folder = opened.folder;
    store = createObjectStore({ db: world.db, blobs: opened.blobs, keyring: testKeyring() });
    workspace = await world.workspace();
  });

  const putBytes = (content: Buffer, limit = 1e9) =>
    store.put(workspace.id, Readable.from([content]), limit);
  const put = (content: string, limit = 1e6) => putBytes(Buffer.from(content), limit);
  /** What lies in the store for the workspace, by path. */
  const files = async () =>
    (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && entry.parentPath.includes(workspace.id))
      // The S3 server keeps a digest and headers beside each object.
      .filter(({ name }) => !/_S3rver_(metadata|object\.md5)/.test(name))
      .map((entry) => join(entry.parentPath, entry.name));

  it("answers by content, once for equal contents, apart for each workspace", async () => {
    const sha256 = createHash("sha256").update("one").digest("hex");
    expect(await put("one")).toEqual({ sha256, sizeBytes: 3 });
    const before = await files();
    expect(await put("one")).toEqual({ sha256, sizeBytes: 3 });
    expect(await files()).toEqual(before);
    expect(await text(await store.get(workspace.id, sha256))).toBe("one");
    expect(await text(await store.get(workspace.id, sha256, { start: 1, end: 1 }))).toBe("n");
    const other = await world.workspace();
    await expect(store.get(other.id, sha256)).rejects.toMatchObject({ code: "not_found" });
    await expect(store.access(other.id, sha256)).rejects.toMatchObject({ code: "not_found" });
  });

  it("keeps neither the content nor its hash in the clear", async () => {
    const secret = randomBytes(40).toString("hex");
    const { sha256 } = await put(secret);
    for (const path of await files()) {
      expect(path).not.toContain(sha256);
      expect((await readFile(path)).includes(secret)).toBe(false);
    }
  });

  it("keeps every size whole and reads any range of it", async () => {
    for (const size of [0, 1, 16_383, 16_384, 16_385, 100_000, 20_000_000]) {
      const content = randomBytes(size);
      const { sha256 } = await putBytes(content);
      expect((await buffer(await store.get(workspace.id, sha256))).equals(content)).toBe(true);
      for (const at of [0, 16_384, size / 2, size - 1].map(Math.floor)) {
        if (at < 0 || at >= size) continue;
        const end = Math.min(size - 1, at + 40_000);
        const part = await buffer(await store.get(workspace.id, sha256, { start: at, end }));
        expect(part.equals(content.subarray(at, end + 1)), `${size} from ${at}`).toBe(true);
      }
    }
  });

  it("takes exactly the limit, refuses one byte more and keeps nothing of it", async () => {
    const before = await files();
    await expect(put("12345", 4)).rejects.toMatchObject({ code: "payload_too_large" });
    const large = Readable.from(
      (function* () {
        for (let i = 0; i < 30; i += 1) yield randomBytes(1e6);
      })(),
    );
    await expect(store.put(workspace.id, large, 25e6)).rejects.toMatchObject({
      code: "payload_too_large",
    });
    expect(await files()).toEqual(before);
    expect((await put("1234", 4)).sizeBytes).toBe(4);
  });

  it("keeps nothing of a stream that fails", async () => {
    const before = await files();
    const broken = Readable.from(
      (async function* () {
        yield randomBytes(9e6);
        throw new Error("the sender left");
      })(),
    );
    await expect(store.put(workspace.id, broken, 1e8)).rejects.toThrow("the sender left");
    expect(await files()).toEqual(before);
  });

  it("survives the same content being written by many at once", async () => {
    const before = (await files()).length;
    const all = await Promise.all(Array.from({ length: 12 }, () => put("crowd")));
    expect(new Set(all.map(({ sha256 }) => sha256)).size).toBe(1);
    expect(await text(await store.get(workspace.id, all[0]?.sha256 ?? ""))).toBe("crowd");
    await expect.poll(async () => (await files()).length).toBe(before + 1);
  });

  it("takes the place of a damaged or lost object when the content comes again", async () => {
    const { blobs } = open();
    for (const damage of ["lost", "flipped"] as const) {
      const content = randomBytes(50_000);
      const { sha256 } = await putBytes(content);
      const { objectId } = await store.access(workspace.id, sha256);
      const name = { workspaceId: workspace.id, objectId };
      const { stream } = await blobs.read(name, { start: 0, end: 1e6 });
      const sealed = await buffer(stream);
      await blobs.remove(name);
      if (damage === "flipped") {
        sealed[20_000] = (sealed[20_000] ?? 0) ^ 4;
        await blobs.write(name, Readable.from([sealed]), 1e6);
      }
      await expect(store.get(workspace.id, sha256).then(buffer), damage).rejects.toThrow();
      expect(await putBytes(content)).toEqual({ sha256, sizeBytes: 50_000 });
      expect((await buffer(await store.get(workspace.id, sha256))).equals(content)).toBe(true);
    }
  });

  it("serves nothing of an object whose bytes or books were exchanged for others", async () => {
    const { blobs } = open();
    const [one, two] = [await put("first of two"), await put("other of two")];
    const names = await Promise.all(
      [one, two].map(async ({ sha256 }) => ({
        workspaceId: workspace.id,
        objectId: (await store.access(workspace.id, sha256)).objectId,
      })),
    );
    const [nameOne, nameTwo] = names as [(typeof names)[0], (typeof names)[0]];
    const sealed = await buffer((await blobs.read(nameTwo, { start: 0, end: 1e6 })).stream);
    await blobs.remove(nameOne);
    await blobs.write(nameOne, Readable.from([sealed]), 1e6);
    await expect(store.get(workspace.id, one.sha256).then(buffer)).rejects.toThrow("damaged");
    const swap = "update object_keys set sha256 = $1 where sha256 = $2 and workspace_id = $3";
    const lie = "f".repeat(64);
    await asOwner(
      world.db.ownerUrl,
      `set app.workspace_id = '${workspace.id}'; ${swap
        .replace("$1", `'${lie}'`)
        .replace("$2", `'${two.sha256}'`)
        .replace("$3", `'${workspace.id}'`)}`,
    );
    await expect(store.get(workspace.id, lie)).rejects.toThrow("damaged");
  });

  it("deletes the key with the bytes, once and again", async () => {
    const before = await files();
    const { sha256 } = await put("to be deleted");
    await store.delete(workspace.id, sha256);
    await store.delete(workspace.id, sha256);
    expect(await files()).toEqual(before);
    await expect(store.get(workspace.id, sha256)).rejects.toMatchObject({ code: "not_found" });
  });

  it("never turns a request's words into a path", async () => {
    const words = ["..", "../../etc/passwd", "%2e%2e", "/etc/passwd", "a".repeat(63)];
    words.push("A".repeat(64), `${"a".repeat(62)}/.`, `${"0".repeat(64)}\n`, "\0", "");
    for (const word of words) {
      await expect(store.get(workspace.id, word)).rejects.toMatchObject({ code: "not_found" });
      await expect(store.get(word, "0".repeat(64))).rejects.toMatchObject({ code: "not_found" });
      await expect(store.delete(workspace.id, word)).rejects.toMatchObject({ code: "not_found" });
      await expect(store.put(word, Readable.from([]), 1)).rejects.toMatchObject({
        code: "not_found",
      });
    }
  });

  it("says that it is there", async () => {
    expect(await open().blobs.check()).toBeUndefined();
  });
});

it("keeps files and folders for their owner's eyes only", async () => {
  const workspace = await world.workspace();
  const { objects } = world;
  await objects.put(workspace.id, Readable.from([Buffer.from("mine")]), 100);
  const found = await readdir(join(world.artifactsFolder, workspace.id), {
    recursive: true,
    withFileTypes: true,
  });
  for (const entry of found) {
    expect((await stat(join(entry.parentPath, entry.name))).mode & 0o077).toBe(0);
  }
  await expect.poll(() => readdir(join(world.artifactsFolder, "incoming"))).toEqual([]);
});

it("cleans old leftovers of killed writers, and leaves young ones alone", async () => {
  const folder = join(world.artifactsFolder, "cleaning");
  const incoming = join(folder, "incoming");
  await mkdir(incoming, { recursive: true });
  await writeFile(join(incoming, "old"), "x");
  await writeFile(join(incoming, "young"), "x");
  const hourAgo = new Date(Date.now() - 3_600_000);
  await utimes(join(incoming, "old"), hourAgo, hourAgo);
  expect(await cleanIncoming(folder, 60_000)).toBe(1);
  expect(await readdir(incoming)).toEqual(["young"]);
  expect(await cleanIncoming(join(folder, "no-such-folder"), 0)).toBe(0);
});
