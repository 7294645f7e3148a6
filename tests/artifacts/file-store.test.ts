import { createHash, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { attachment, cleanIncoming, createFileStore } from "@/server/artifacts";
import { parseByteRange } from "@/server/artifacts/byte-range";
import type { ObjectStore } from "@/server/kernel/ports";

let folder: string;
let store: ObjectStore;
const workspaceId = randomUUID();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "test-store-"));
  store = createFileStore(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const put = (content: string, limit = 1e6) =>
  store.put(workspaceId, Readable.from([Buffer.from(content)]), limit);
const files = async () =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);

it("names what it stores by its content, once for equal contents, apart for each workspace", async () => {
  const sha256 = createHash("sha256").update("one").digest("hex");
  expect(await put("one")).toEqual({ sha256, sizeBytes: 3 });
  expect(await put("one")).toEqual({ sha256, sizeBytes: 3 });
  expect(await files()).toEqual([sha256]);
  expect(await text(await store.get(workspaceId, sha256))).toBe("one");
  expect(await text(await store.get(workspaceId, sha256, { start: 1, end: 1 }))).toBe("n");
  await expect(store.get(randomUUID(), sha256)).rejects.toMatchObject({ code: "not_found" });
  const { mode } = await stat(join(folder, workspaceId, sha256.slice(0, 2), sha256));
  expect(mode & 0o077).toBe(0);
});

it("takes exactly the limit, refuses one byte more and keeps nothing of it", async () => {
  const before = await files();
  await expect(put("12345", 4)).rejects.toMatchObject({ code: "payload_too_large" });
  expect(await files()).toEqual(before);
  expect((await put("1234", 4)).sizeBytes).toBe(4);
});

it("keeps nothing of a stream that fails", async () => {
  const before = await files();
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from("half");
      throw new Error("the sender left");
    })(),
  );
  await expect(store.put(workspaceId, broken, 1e6)).rejects.toThrow("the sender left");
  expect(await files()).toEqual(before);
});

it("survives the same content being written by many at once", async () => {
  const all = await Promise.all(Array.from({ length: 12 }, () => put("crowd")));
  expect(new Set(all.map(({ sha256 }) => sha256)).size).toBe(1);
  expect(await text(await store.get(workspaceId, all[0]?.sha256 ?? ""))).toBe("crowd");
  expect(await readdir(join(folder, "incoming"))).toEqual([]);
});

it("never turns a request's words into a path", async () => {
  const words = ["..", "../../etc/passwd", "%2e%2e", "/etc/passwd", "a".repeat(63), "A".repeat(64)];
  words.push(`${"a".repeat(62)}/.`, `${"0".repeat(64)}\n`, "\0", "");
  for (const word of words) {
    await expect(store.get(workspaceId, word)).rejects.toMatchObject({ code: "not_found" });
    await expect(store.get(word, "0".repeat(64))).rejects.toMatchObject({ code: "not_found" });
    await expect(store.delete(workspaceId, word)).rejects.toMatchObject({ code: "not_found" });
  }
});

it("cleans old leftovers of killed writers, and leaves young ones alone", async () => {
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

it("reads a range only within the content", () => {
  const digits = fc.option(fc.nat({ max: 300 }), { nil: undefined });
  fc.assert(
    fc.property(digits, digits, fc.nat({ max: 200 }), (first, last, size) => {
      const range = parseByteRange(`bytes=${first ?? ""}-${last ?? ""}`, size);
      if (range === undefined || range === "unsatisfiable") return;
      expect(range.start).toBeGreaterThanOrEqual(0);
      expect(range.end).toBeGreaterThanOrEqual(range.start);
      expect(range.end).toBeLessThan(size);
    }),
  );
});

it("makes an attachment header of any name, in plain ASCII, on one line, without folders", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (name) => {
      const header = attachment(name);
      expect(header).toMatch(
        /^attachment; filename="[A-Za-z0-9 ._-]+"; filename\*=UTF-8''[A-Za-z0-9._~%$&+^`|#-]+$/,
      );
      expect(() => new Headers({ "content-disposition": header })).not.toThrow();
    }),
  );
  expect(attachment("../../etc/passwd")).toContain('filename="passwd"');
  expect(attachment("C:\\evil\\x.exe")).toContain('filename="x.exe"');
  expect(attachment("..")).toContain('filename="download"');
});
