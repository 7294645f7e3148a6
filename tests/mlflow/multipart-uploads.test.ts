import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asOwner } from "../support/database";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { type MlflowClient, mlflowClient } from "./client";

let world: TestWorld;
let workspace: TestWorkspace;
let server: TestServer;
let mlflow: MlflowClient;
let key: string;
let run_id: string;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
});
afterAll(async () => {
  await server.close();
  await world.close();
});
beforeEach(async () => {
  workspace = await world.workspace();
  key = await workspace.key("data_scientist");
  mlflow = mlflowClient(server, key);
  const { body } = await mlflow.post("/mlflow/runs/create", {});
  run_id = (body as { run: { info: { run_id: string } } }).run.info.run_id;
});

interface Upload {
  upload_id: string;
  credentials: { url: string; part_number: number; headers: Record<string, string> }[];
}
const mpu = (verb: string, folder = `0/${run_id}/artifacts/big`) =>
  `/mlflow-artifacts/mpu/${verb}/${folder}`;
const file = "/home/ann/weights.bin";

async function open(parts: number): Promise<Upload> {
  const { status, body } = await mlflow.post(mpu("create"), { path: file, num_parts: parts });
  expect(status).toBe(200);
  return body as unknown as Upload;
}

const send = (credential: Upload["credentials"][number] | undefined, text: string) =>
  fetch(credential?.url ?? "", { method: "PUT", body: text, headers: credential?.headers ?? {} });

async function sendAll({ credentials }: Upload, texts: string[]) {
  const parts = [];
  // Out of order, as threads of a client send them.
  for (const at of [...texts.keys()].reverse()) {
    const reply = await send(credentials[at], texts[at] ?? "");
    expect(reply.status).toBe(200);
    const etag = reply.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[0-9a-f]{64}"$/);
    parts.push({ part_number: at + 1, etag, url: credentials[at]?.url });
  }
  return parts;
}

const download = (path: string) =>
  fetch(`${server.url}/api/2.0/mlflow-artifacts/artifacts/0/${run_id}/artifacts/${path}`, {
    headers: { authorization: `Bearer ${key}` },
  });

describe("a file in parts", () => {
  it("goes up without credentials beside the token, and comes down as one file", async () => {
    const upload = await open(3);
    expect(upload.credentials.map((one) => one.part_number)).toEqual([1, 2, 3]);
    expect(upload.credentials[0]?.url).toBe(`${server.url}/api/2.0/mlflow-artifacts/parts/1`);
    const parts = await sendAll(upload, ["abc", "defg", "h"]);
    expect((await download("big/weights.bin")).status).toBe(404);
    const done = { path: file, upload_id: upload.upload_id, parts };
    expect(await mlflow.post(mpu("complete"), done)).toEqual({ status: 200, body: {} });
    expect(await (await download("big/weights.bin")).text()).toBe("abcdefgh");
    const part = await fetch(
      `${server.url}/api/2.0/mlflow-artifacts/artifacts/0/${run_id}/artifacts/big/weights.bin`,
      { headers: { authorization: `Bearer ${key}`, range: "bytes=2-3" } },
    );
    expect([part.status, await part.text()]).toEqual([206, "cd"]);
    // The answer may have been lost: the client asks again.
    expect(await mlflow.post(mpu("complete"), done)).toEqual({ status: 200, body: {} });
    const trail = await asOwner<{ actor: { type: string } }>(
      world.db.ownerUrl,
      "select actor from audit_log where workspace_id = $1 and action = 'artifact.stored'",
      [workspace.id],
    );
    expect(trail.map(({ actor }) => actor.type)).toEqual(["apiKey"]);
    expect(await asOwner(world.db.ownerUrl, "select 1 from artifact_upload_parts", [])).toEqual([]);
  });

  it("takes a part again in place of what was sent before", async () => {
    const upload = await open(1);
    const [old] = await sendAll(upload, ["old"]);
    const [fresh] = await sendAll(upload, ["new"]);
    const done = { path: file, upload_id: upload.upload_id };
    const refused = await mlflow.post(mpu("complete"), { ...done, parts: [old] });
    expect(refused.status).toBe(400);
    expect((await mlflow.post(mpu("complete"), { ...done, parts: [fresh] })).status).toBe(200);
    expect(await (await download("big/weights.bin")).text()).toBe("new");
  });

  it("is refused while a part is missing, and forgotten when it is aborted", async () => {
    const upload = await open(2);
    const parts = await sendAll({ ...upload, credentials: upload.credentials }, ["a"]);
    const done = { path: file, upload_id: upload.upload_id };
    const early = await mlflow.post(mpu("complete"), { ...done, parts });
    expect(early).toMatchObject({
      status: 400,
      body: { error_code: "INVALID_PARAMETER_VALUE" },
    });
    expect(await mlflow.post(mpu("abort"), done)).toEqual({ status: 200, body: {} });
    expect((await send(upload.credentials[1], "b")).status).toBe(404);
    expect((await mlflow.post(mpu("complete"), { ...done, parts })).status).toBe(404);
    expect((await mlflow.post(mpu("abort"), done)).status).toBe(404);
  });
});

describe("tokens of parts", () => {
  it("open their own part only, unchanged", async () => {
    const upload = await open(2);
    const [first, second] = upload.credentials;
    const header = Object.keys(first?.headers ?? {})[0] ?? "";
    const token = first?.headers[header] ?? "";
    const flipped = (token.startsWith("A") ? "B" : "A") + token.slice(1);
    const put = (url: string | undefined, headers: Record<string, string>) =>
      fetch(url ?? "", { method: "PUT", body: "x", headers });
    for (const headers of [{}, { [header]: "" }, { [header]: flipped }, { [header]: "nonsense" }]) {
      const reply = await put(first?.url, headers as Record<string, string>);
      expect(reply.status).toBe(401);
      expect(await reply.json()).toMatchObject({ error_code: "UNAUTHENTICATED" });
    }
    expect((await put(second?.url, first?.headers ?? {})).status).toBe(401);
  });
});

describe("uploads", () => {
  it("belong to the workspace and the place they were opened for", async () => {
    const upload = await open(1);
    const parts = await sendAll(upload, ["x"]);
    const done = { path: file, upload_id: upload.upload_id, parts };
    const other = await world.workspace();
    const foreign = mlflowClient(server, await other.key("admin"));
    expect((await foreign.post(mpu("create"), { path: file, num_parts: 1 })).status).toBe(404);
    expect((await foreign.post(mpu("complete"), done)).status).toBe(404);
    expect((await foreign.post(mpu("abort"), done)).status).toBe(404);
    const elsewhere = { ...done, path: "other.bin" };
    expect((await mlflow.post(mpu("complete"), elsewhere)).status).toBe(404);
    const viewer = mlflowClient(server, await workspace.key("viewer"));
    expect((await viewer.post(mpu("complete"), done)).status).toBe(403);
  });

  it("of unsafe paths, none and too many parts are refused with 400", async () => {
    for (const body of [
      { path: "..", num_parts: 1 },
      { path: "a/", num_parts: 1 },
      { path: "x", num_parts: 0 },
      { path: "x", num_parts: 10_001 },
      { path: "x" },
      { num_parts: 1 },
    ]) {
      expect((await mlflow.post(mpu("create"), body)).status, JSON.stringify(body)).toBe(400);
    }
    const folder = `0/${run_id}/artifacts/..%2fx`;
    expect((await mlflow.post(mpu("create", folder), { path: "x", num_parts: 1 })).status).toBe(
      400,
    );
    expect((await mlflow.post(mpu("create"), { path: "x", num_parts: 10_000 })).status).toBe(200);
  });

  it("take no part once they have expired, and go when another is opened", async () => {
    const upload = await open(1);
    await asOwner(
      world.db.ownerUrl,
      "update artifact_uploads set expires_at = now() where id = $1",
      [upload.upload_id],
    );
    expect((await send(upload.credentials[0], "x")).status).toBe(404);
    await open(1);
    const left = await asOwner(world.db.ownerUrl, "select 1 from artifact_uploads where id = $1", [
      upload.upload_id,
    ]);
    expect(left).toEqual([]);
  });
});
