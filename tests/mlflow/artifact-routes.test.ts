import { request } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorld } from "../support/workspace";
import { type MlflowClient, mlflowClient } from "./client";

let world: TestWorld;
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
  const workspace = await world.workspace();
  key = await workspace.key("data_scientist");
  mlflow = mlflowClient(server, key);
  const { body } = await mlflow.post("/mlflow/runs/create", {});
  run_id = (body as { run: { info: { run_id: string } } }).run.info.run_id;
});

const at = (path: string) => `/mlflow-artifacts/artifacts/0/${run_id}/artifacts/${path}`;

/** Sends a request target as it is: fetch would resolve dots in it. */
function raw(method: string, target: string, body = ""): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${key}`, "content-length": body.length };
    const sent = request({ hostname, port, method, path: target, headers }, (reply) => {
      let text = "";
      reply.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      reply.on("end", () => resolve({ status: reply.statusCode ?? 0, text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

describe("files of a run", () => {
  it("go up, are listed by base name, come down whole and in ranges, and go away", async () => {
    expect(await mlflow.put(at("model/data.bin"), "0123456789")).toEqual({ status: 200, body: {} });
    expect(await mlflow.put(at("n%20%C3%A9.txt"), "")).toEqual({ status: 200, body: {} });
    const path = `0/${run_id}/artifacts`;
    expect(await mlflow.get("/mlflow-artifacts/artifacts", { path })).toEqual({
      status: 200,
      body: {
        files: [
          { path: "model", is_dir: true },
          { path: "n é.txt", is_dir: false, file_size: 0 },
        ],
      },
    });
    expect(await mlflow.get("/mlflow/artifacts/list", { run_id, path: "model" })).toEqual({
      status: 200,
      body: {
        root_uri: `mlflow-artifacts:/0/${run_id}/artifacts`,
        files: [{ path: "model/data.bin", is_dir: false, file_size: 10 }],
      },
    });
    const whole = await fetch(`${server.url}/api/2.0${at("model/data.bin")}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(await whole.text()).toBe("0123456789");
    expect(whole.headers.get("content-disposition")).toContain("data.bin");
    const part = await fetch(`${server.url}/api/2.0${at("model/data.bin")}`, {
      headers: { authorization: `Bearer ${key}`, range: "bytes=2-4" },
    });
    expect([part.status, await part.text()]).toEqual([206, "234"]);
    expect(await mlflow.delete(at("model/data.bin"))).toEqual({ status: 200, body: {} });
    expect((await mlflow.send(at("model/data.bin"), { method: "GET" })).status).toBe(404);
  });

  it("a missing file answers 404 at once", async () => {
    const started = performance.now();
    const reply = await mlflow.send(at("missing.bin"), { method: "GET" });
    expect(reply).toEqual({
      status: 404,
      body: {
        error_code: "RESOURCE_DOES_NOT_EXIST",
        message: "The artifact missing.bin does not exist in this workspace.",
      },
    });
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it("belong to the workspace of the key", async () => {
    await mlflow.put(at("secret"), "x");
    const other = await world.workspace();
    const foreign = mlflowClient(server, await other.key("admin"));
    expect((await foreign.send(at("secret"), { method: "GET" })).status).toBe(404);
    expect((await foreign.put(at("secret"), "y")).status).toBe(404);
    expect((await foreign.delete(at("secret"))).status).toBe(404);
    const path = `0/${run_id}/artifacts`;
    expect((await foreign.get("/mlflow-artifacts/artifacts", { path })).status).toBe(404);
  });

  it("clients that ask for a presigned address are told to download through the server", async () => {
    const reply = await mlflow.get(`/mlflow-artifacts/presigned/0/${run_id}/artifacts/f`);
    expect(reply.status).toBe(501);
    expect(reply.body.error_code).toBe("NOT_IMPLEMENTED");
  });
});

describe("paths that would lead elsewhere", () => {
  const tricks = [
    "..%2fx",
    "%2e%2e/x",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "a/%2e%2e/b",
    "a/../b",
    "a/./b",
    "a//b",
    "a%2fb",
    "a%5cb",
    "..%5c..%5cb",
    "a%00b",
    "%252e%252e%252fx",
    "C:/x",
    "c%3a/x",
    "a%0ab",
    "%ff",
    "%",
    "%zz",
  ];
  it("are refused with 400 by download, upload and delete", async () => {
    for (const trick of tricks) {
      for (const method of ["GET", "PUT", "DELETE"]) {
        const reply = await raw(method, `/api/2.0${at(trick)}`, method === "PUT" ? "x" : "");
        expect(reply.status, `${method} ${trick} ${reply.text}`).toBe(400);
        expect(JSON.parse(reply.text).error_code).toBe("INVALID_PARAMETER_VALUE");
      }
    }
    const path = `0/${run_id}/artifacts`;
    expect(await mlflow.get("/mlflow-artifacts/artifacts", { path })).toEqual({
      status: 200,
      body: {},
    });
  });

  it("are refused when listing, by either route", async () => {
    for (const trick of ["../x", "a/../b", "/etc", "a\\b", "%2e%2e", "a\0"]) {
      expect(
        (await mlflow.get("/mlflow/artifacts/list", { run_id, path: trick })).status,
        trick,
      ).toBe(400);
      const path = `0/${run_id}/artifacts/${trick}`;
      expect((await mlflow.get("/mlflow-artifacts/artifacts", { path })).status, trick).toBe(400);
    }
  });

  it("outside the files of a run or model hold nothing and take nothing", async () => {
    for (const path of [
      "x",
      "0/x",
      `0/${run_id}`,
      `0/${run_id}/other/f`,
      "0/models/x/artifacts/f",
    ]) {
      const target = `/api/2.0/mlflow-artifacts/artifacts/${path}`;
      expect((await raw("GET", target)).status, path).toBe(404);
      expect((await raw("PUT", target, "x")).status, path).toBe(404);
    }
    expect(await mlflow.get("/mlflow-artifacts/artifacts")).toEqual({ status: 200, body: {} });
    expect((await raw("PUT", `/api/2.0${at("").replace(/\/$/, "")}`, "x")).status).toBe(400);
  });
});
