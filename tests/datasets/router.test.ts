import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { upload } from "./upload-form";

let world: TestWorld;
let server: TestServer;
let a: TestWorkspace;
let key: string;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  a = await world.workspace();
  key = await a.key("data_scientist");
});
afterAll(async () => {
  await server.close();
  await world.close();
});

async function call(procedure: string, input: unknown, method: "GET" | "POST", as = key) {
  const url = new URL(`${server.url}/api/trpc/datasets.${procedure}`);
  const headers = { authorization: `Bearer ${as}`, "content-type": "application/json" };
  if (method === "GET") url.searchParams.set("input", JSON.stringify(input));
  const body = method === "POST" ? { body: JSON.stringify(input) } : {};
  const reply = await fetch(url, { method, headers, ...body });
  const answer = (await reply.json()) as { result?: { data: unknown }; error?: unknown };
  return { status: reply.status, data: answer.result?.data };
}

it("answers list, get, versions, preview and delete over tRPC as over REST", async () => {
  const { body } = await upload(server.url, key, "table", "x,y\n1,a\n2,b\n");
  const { columns, ...summary } = body;
  expect((await call("list", {}, "GET")).data).toEqual({ items: [summary], nextCursor: null });
  expect((await call("get", { dataset: "table" }, "GET")).data).toEqual({ ...summary, columns });
  expect((await call("versions", { dataset: "table" }, "GET")).data).toEqual([summary]);
  const preview = await call("preview", { dataset: body.id, limit: 1, offset: 1 }, "GET");
  expect(preview.data).toMatchObject({ rows: [{ x: 2, y: "b" }], totalRows: 2 });
  const viewer = await a.key("viewer");
  expect((await call("delete", { dataset: body.id }, "POST", viewer)).status).toBe(403);
  expect((await call("delete", { dataset: body.id }, "POST")).status).toBe(200);
  expect((await call("get", { dataset: body.id }, "GET")).status).toBe(404);
});

it("answers 4xx for inputs no page would send", async () => {
  const bad = [{ dataset: "" }, { dataset: 5 }, {}, null, { dataset: "\u0000" }];
  for (const input of bad) {
    const { status } = await call("get", input, "GET");
    expect({ input, client: status >= 400 && status < 500 }).toEqual({ input, client: true });
  }
});
