import { createHash, randomBytes } from "node:crypto";
import { appendFile, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { verifyObject } from "@/server/artifacts";
import { send, upload } from "../datasets/upload-form";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let server: TestServer;
let a: TestWorkspace;
let key: string;
let content: Buffer;
let sha256: string;
let url: string;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  a = await world.workspace();
  key = await a.key("data_scientist");
  // Larger than any one chunk on the way.
  content = Buffer.from(`x\n${randomBytes(900_000).toString("hex").match(/.{64}/g)?.join("\n")}\n`);
  sha256 = createHash("sha256").update(content).digest("hex");
  const reply = await upload(server.url, key, "Größe 1", content);
  url = `${server.url}/api/v1/datasets/${reply.body.id}/content`;
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const fetchBytes = async (headers: Record<string, string> = {}, method = "GET") => {
  const reply = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${key}`, ...headers },
  });
  return { reply, body: Buffer.from(await reply.arrayBuffer()) };
};
const objectPath = async () => {
  const { objectId } = await world.objects.access(a.id, sha256);
  return join(world.artifactsFolder, a.id, objectId.slice(-2), objectId);
};

it("sends the whole with digest, length and headers that keep a browser from running it", async () => {
  const { reply, body } = await fetchBytes();
  expect(reply.status).toBe(200);
  expect(body.equals(content)).toBe(true);
  expect(Object.fromEntries(reply.headers)).toMatchObject({
    etag: `"${sha256}"`,
    "content-length": String(content.length),
    "accept-ranges": "bytes",
    "x-content-type-options": "nosniff",
    "content-security-policy": expect.stringContaining("sandbox"),
    "content-disposition":
      "attachment; filename=\"Gr__e 1-v1.csv\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%201-v1.csv",
  });
});

it("sends any one range as 206", async () => {
  const size = content.length;
  const cases: [string, number, number][] = [
    ["bytes=0-0", 0, 0],
    ["bytes=5-99", 5, 99],
    [`bytes=${size - 1}-`, size - 1, size - 1],
    ["bytes=300000-700000", 300_000, 700_000],
    ["bytes=-10", size - 10, size - 1],
    [`bytes=10-${size * 2}`, 10, size - 1],
    [`bytes=-${size * 2}`, 0, size - 1],
  ];
  for (const [range, start, end] of cases) {
    const { reply, body } = await fetchBytes({ range });
    expect({ range, status: reply.status }).toEqual({ range, status: 206 });
    expect(reply.headers.get("content-range")).toBe(`bytes ${start}-${end}/${size}`);
    expect(body.equals(content.subarray(start, end + 1))).toBe(true);
  }
});

it("answers 416 outside of the content and the whole for ranges it does not serve", async () => {
  for (const range of [`bytes=${content.length}-`, "bytes=-0"]) {
    const { reply } = await fetchBytes({ range });
    expect({ range, status: reply.status }).toEqual({ range, status: 416 });
  }
  for (const range of ["bytes=0-1,5-6", "bytes=9-5", "items=0-1", "bytes=a-b", "bytes=-"]) {
    expect({ range, status: (await fetchBytes({ range })).reply.status }).toEqual({
      range,
      status: 200,
    });
  }
});

it("resumes only what is still the same content, and repeats nothing that is known", async () => {
  const range = "bytes=0-9";
  const same = await fetchBytes({ range, "if-range": `"${sha256}"` });
  expect(same.reply.status).toBe(206);
  expect((await fetchBytes({ range, "if-range": '"other"' })).reply.status).toBe(200);
  const known = await fetchBytes({ "if-none-match": `"x", W/"${sha256}"` });
  expect({ status: known.reply.status, length: known.body.length }).toEqual({
    status: 304,
    length: 0,
  });
});

it("answers HEAD with the length and no body", async () => {
  const { reply, body } = await fetchBytes({}, "HEAD");
  expect(reply.headers.get("content-length")).toBe(String(content.length));
  expect({ status: reply.status, length: body.length }).toEqual({ status: 200, length: 0 });
});

it("gives no whole answer from a damaged object, whatever was done to it", async () => {
  const path = await objectPath();
  const good = await readFile(path);
  const object = { sha256, sizeBytes: content.length };
  const flip = (at: number) => {
    const bad = Buffer.from(good);
    bad[at] = (bad[at] ?? 0) ^ 1;
    return writeFile(path, bad);
  };
  const damages: [string, () => Promise<unknown>][] = [
    ["a flipped byte of the header", () => flip(3)],
    ["a flipped byte", () => flip(100_000)],
    ["a flipped last byte", () => flip(good.length - 1)],
    ["a cut end", () => truncate(path, good.length - 1)],
    ["an added byte", () => appendFile(path, "z")],
    ["nothing left", () => truncate(path, 0)],
  ];
  for (const [what, damage] of damages) {
    await writeFile(path, good);
    await damage();
    const got = await fetchBytes().catch(() => "broken off");
    if (typeof got !== "string") expect(got.reply.status, what).toBe(500);
    expect(await verifyObject(a.as("admin"), object), what).toBe("damaged");
  }
  await rm(path);
  expect((await fetchBytes()).reply.status).toBe(404);
  expect(await verifyObject(a.as("admin"), object)).toBe("missing");
  await writeFile(path, good);
  expect(await verifyObject(a.as("admin"), object)).toBe("intact");
  expect((await fetchBytes()).reply.status).toBe(200);
});

it("closes the file when the reader leaves half-way", async () => {
  const { readdir, readlink } = await import("node:fs/promises");
  const path = await objectPath();
  const open = async () => {
    const names = await readdir("/proc/self/fd");
    const links = await Promise.all(
      names.map((n) => readlink(`/proc/self/fd/${n}`).catch(() => "")),
    );
    return links.filter((link) => link === path).length;
  };
  for (let i = 0; i < 20; i += 1) {
    await new Promise<void>((resolve) => {
      const out = get(url, { headers: { authorization: `Bearer ${key}` } }, (reply) => {
        reply.once("data", () => {
          reply.destroy();
          resolve();
        });
      });
      out.on("error", () => undefined);
    });
    await fetchBytes({}, "HEAD");
  }
  await expect.poll(open).toBe(0);
});

it("serves on after all of it", async () => {
  const reply = await send(`${server.url}/api/v1/datasets`, "GET", {
    authorization: `Bearer ${key}`,
  });
  expect(reply.status).toBe(200);
});
