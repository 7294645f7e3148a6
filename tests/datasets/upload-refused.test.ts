import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { asOwner } from "../support/database";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { writeParquet } from "./parquet-file";
import { multipart, type Part, type Reply, send, upload } from "./upload-form";

let world: TestWorld;
let server: TestServer;
let a: TestWorkspace;
let key: string;
let staging: string;
const systemTmp = process.env.TMPDIR;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  a = await world.workspace();
  key = await a.key("data_scientist");
  staging = await mkdtemp(join(tmpdir(), "test-staging-"));
  process.env.TMPDIR = staging;
});
afterAll(async () => {
  if (systemTmp === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = systemTmp;
  await rm(staging, { recursive: true, force: true });
  await server.close();
  await world.close();
});

// Whatever was refused, nothing half-made stays behind: no row, no object, no staged file.
afterEach(async () => {
  const left = await asOwner(
    world.db.ownerUrl,
    "select 'dataset' from datasets union all select 'object' from artifact_objects union all select 'event' from outbox union all select 'audit' from audit_log",
  );
  expect(left).toEqual([]);
  const stored = await readdir(world.artifactsFolder, { recursive: true });
  expect(stored.filter((name) => /[0-9a-f]{64}/.test(name))).toEqual([]);
  const staged = await readdir(staging);
  expect(staged.filter((name) => name.startsWith("modelyard-"))).toEqual([]);
});

const refused = (reply: Reply, words: RegExp) => {
  expect(reply).toMatchObject({ status: 422, body: { code: "validation_failed" } });
  expect(reply.headers["content-type"]).toContain("application/problem+json");
  expect(reply.body.detail).toMatch(words);
  expect(reply.body.detail).not.toMatch(/modelyard-|read_csv|content'|duckdb/i);
};

const wide = (columns: number) => {
  const names = Array.from({ length: columns }, (_, i) => `c${i}`);
  return `${names.join(",")}\n${names.map(() => 1).join(",")}\n`;
};

const bad: [string, string | Buffer, RegExp][] = [
  ["an empty file", "", /empty/],
  ["a header without rows", "a,b\n", /no rows/],
  ["duplicate headers", "a,b,a\n1,2,3\n", /Columns 1 and 3 are both named "a"/],
  ["10,000 columns", wide(10_000), /10000 columns; 2000 are the limit/],
  ["a short row", "a,b,c\n1,2,3\n4,5\n", /Line 3 has 2 fields where the header has 3/],
  ["latin-1 text", Buffer.from("a,b\n1,caf\xe9\n", "latin1"), /UTF-8/],
  ["binary data", Buffer.from([1, 2, 3, 0, 255, 0, 44, 10]), /binary/],
  ["a web page", "<!DOCTYPE html>\n<html><body>a,b</body></html>", /web page/],
];

it.each(bad)("refuses %s with 422 and what to do", async (_what, content, words) => {
  refused(await upload(server.url, key, "bad", content), words);
});

it("refuses a file that only claims to be Parquet, whole or cut off", async () => {
  const good = await writeParquet("select i, 'x' || i as t from range(1000) r(i)");
  const damaged = Buffer.from(good);
  damaged.fill(0xab, 4, damaged.length - 12);
  const lying = Buffer.from(good);
  lying.writeUInt32LE(0x7fffffff, lying.length - 8);
  for (const content of [
    Buffer.from("a,b\n1,2\n"),
    Buffer.from("PAR1"),
    Buffer.from("PAR1PAR1"),
    Buffer.from("PAR1 no footer at all PAR1"),
    good.subarray(0, good.length - 5),
    good.subarray(0, 20),
    damaged,
    lying,
  ]) {
    refused(await upload(server.url, key, "bad", content, "x.parquet"), /Parquet/);
  }
});

it("refuses Parquet with nested values, no rows or one name twice", async () => {
  const cases: [string, RegExp][] = [
    ["select [1, 2] as list", /"list" holds/],
    ["select {'a': 1} as s, 2 as b", /"s" holds/],
    ["select 'x'::blob as raw", /"raw" holds BLOB/],
    ["select 1 as a where false", /no rows/],
  ];
  for (const [query, words] of cases) {
    refused(await upload(server.url, key, "bad", await writeParquet(query), "x.parquet"), words);
  }
});

const post = (form: { type: string; body: Buffer }, headers: Record<string, string> = {}) =>
  send(
    `${server.url}/api/v1/datasets`,
    "POST",
    { authorization: `Bearer ${key}`, "content-type": form.type, ...headers },
    form.body,
  );

const file: Part = { name: "file", content: "x\n1\n", fileName: "x.csv" };
const name: Part = { name: "name", content: "bad" };

it("refuses a form without file or name, with two files, unknown or repeated fields", async () => {
  refused(await post(multipart([name])), /no file/);
  refused(await post(multipart([])), /no file|boundary|damaged/);
  refused(await post(multipart([file])), /name/);
  refused(await post(multipart([name, file, file])), /one file/i);
  refused(await post(multipart([name, { ...file, name: "data" }])), /must be named "file"/);
  refused(await post(multipart([name, name, file])), /twice/);
  refused(await post(multipart([name, file, { name: "nme", content: "x" }])), /nme|Unrecognized/i);
  refused(await post(multipart([name, file, { name: "__proto__", content: "x" }])), /./);
  const text: Part = { name: "file", content: "x\n1\n" };
  refused(await post(multipart([name, text])), /no file/);
});

it("refuses names that are empty, hostile, too long or look like an id", async () => {
  const names = ["", "  ", "../up", "a/b", "a..b", "-x", "a\u0000b", "<b>", "x".repeat(201)];
  names.push("0190a1b2-0000-7000-8000-000000000000", "a\nb", "\u202ename");
  for (const content of names) {
    const reply = await post(multipart([{ name: "name", content }, file]));
    expect({ content, status: reply.status }).toEqual({ content, status: 422 });
  }
});

it("refuses a body that ends before its last boundary", async () => {
  const form = multipart([name, { ...file, content: "x\n1\n2\n3\n" }]);
  for (const cut of [3, 30, 60, form.body.length - 20]) {
    refused(await post({ ...form, body: form.body.subarray(0, form.body.length - cut) }), /./);
  }
});

it("drops an upload whose sender goes away, and goes on serving", async () => {
  const form = multipart([name, { ...file, content: "x\n1\n".repeat(10_000) }]);
  const declared = { "content-length": String(form.body.length + 1_000_000) };
  const gone = send(
    `${server.url}/api/v1/datasets`,
    "POST",
    { authorization: `Bearer ${key}`, "content-type": form.type, ...declared },
    form.body,
    300,
  );
  await expect(gone).rejects.toThrow();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const list = await send(`${server.url}/api/v1/datasets`, "GET", {
    authorization: `Bearer ${key}`,
  });
  expect(list).toMatchObject({ status: 200, body: { items: [] } });
});

it("answers 415 for a body that is no form, and 422 for a form without a boundary", async () => {
  const json = await post({ type: "application/json", body: Buffer.from('{"name":"x"}') });
  expect(json).toMatchObject({ status: 415 });
  refused(await post({ type: "multipart/form-data", body: Buffer.from("x") }), /boundary/);
});
