import { beforeEach, describe, expect, it } from "vitest";
import { mlflowClient, type Reply } from "./client";
import { invalid, mlflow, serveMlflow, server, workspace, world } from "./routes-suite";

serveMlflow();

let runId: string;
let uri: string;
beforeEach(async () => {
  const { body } = await mlflow.post("/mlflow/runs/create", { experiment_id: "0" });
  const { info } = body.run as { info: { run_id: string; artifact_uri: string } };
  runId = info.run_id;
  uri = info.artifact_uri;
});

const page = async (role: "data_scientist" | "viewer" = "data_scientist", prefix = "") =>
  mlflowClient(server, await workspace.key(role), prefix);
const upload = async (args: Record<string, string>, body: string): Promise<Reply> =>
  (await page()).send(`/ajax-api/2.0/mlflow/upload-artifact?${new URLSearchParams(args)}`, {
    method: "POST",
    body,
  });
const download = async (path: string, args: Record<string, string>) =>
  fetch(`${server.url}${path}?${new URLSearchParams(args)}`, {
    headers: { authorization: `Bearer ${await workspace.key("viewer")}` },
  });

describe("files at the addresses of MLflow's web page", () => {
  it("go up and come down by either name of the run, below the workspace's address too", async () => {
    const at = { run_uuid: runId, path: "up/note.txt" };
    expect(await upload(at, "hello")).toEqual({ status: 200, body: {} });
    for (const args of [at, { run_id: runId, path: "up/note.txt" }]) {
      const reply = await download("/get-artifact", args);
      expect([reply.status, await reply.text()]).toEqual([200, "hello"]);
    }
    const below = await download(`/w/${workspace.slug}/get-artifact`, at);
    expect(await below.text()).toBe("hello");
  });

  it("are sent as downloads by their own type, never as one that a browser runs", async () => {
    const types = {
      "a.txt": "text/plain",
      MLmodel: "text/plain",
      "b.html": "text/plain",
      "c.svg": "text/plain",
      "d.js": "text/plain",
      "e.png": "image/png",
      "f.pdf": "application/pdf",
      "g.pkl": "application/octet-stream",
      "dir.png/noending": "application/octet-stream",
    };
    for (const [path, type] of Object.entries(types)) {
      await upload({ run_uuid: runId, path }, "<script>alert(1)</script>");
      const { headers } = await download("/get-artifact", { run_id: runId, path });
      expect(headers.get("content-type"), path).toBe(type);
      expect(headers.get("content-disposition")).toMatch(/^attachment/);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
  });

  it("of a version come down by its name and number", async () => {
    await upload({ run_uuid: runId, path: "model/MLmodel" }, "flavors: {}");
    const engineer = mlflowClient(server, await workspace.key("ml_engineer"));
    await engineer.post("/mlflow/registered-models/create", { name: "churn" });
    const source = `${uri}/model`;
    const made = { name: "churn", source, run_id: runId };
    expect((await engineer.post("/mlflow/model-versions/create", made)).status).toBe(200);
    const args = { name: "churn", version: "1", path: "MLmodel" };
    const reply = await download("/model-versions/get-artifact", args);
    expect([reply.status, await reply.text()]).toEqual([200, "flavors: {}"]);
    for (const more of [{ path: "nothing" }, { version: "2" }, { name: "none" }]) {
      const missing = await download("/model-versions/get-artifact", { ...args, ...more });
      expect(missing.status, JSON.stringify(more)).toBe(404);
    }
  });

  it("are refused with 400 where a word is missing or a path leads elsewhere", async () => {
    const read = await page();
    expect(await read.get("/get-artifact", { run_id: runId })).toEqual(invalid(/'path'/));
    expect(await read.get("/get-artifact", { path: "a" })).toEqual(invalid(/'run_id'/));
    for (const path of ["../a", "/etc/passwd", "a/../../b", "a//b"]) {
      expect(await read.get("/get-artifact", { run_id: runId, path }), path).toEqual(
        invalid("Invalid path"),
      );
      expect(await upload({ run_uuid: runId, path }, "x")).toEqual(invalid("Invalid path"));
    }
    expect(await upload({ path: "a" }, "x")).toEqual(invalid(/must specify run_uuid/));
    expect(await upload({ run_uuid: runId }, "x")).toEqual(invalid(/must specify path/));
    expect(await upload({ run_uuid: runId, path: "a" }, "")).toEqual(invalid(/must specify data/));
    const large = "x".repeat(10 * 1024 * 1024 + 1);
    expect(await upload({ run_uuid: runId, path: "a" }, large)).toEqual(
      invalid(/Max size is 10MB/),
    );
  });

  it("are read and written by those who may, in their own workspace", async () => {
    await upload({ run_uuid: runId, path: "a.txt" }, "mine");
    const path = `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${runId}&path=a.txt`;
    const viewer = await page("viewer");
    expect((await viewer.send(path, { method: "POST", body: "x" })).status).toBe(403);
    const other = await world.workspace();
    const theirs = mlflowClient(server, await other.key("admin"), "");
    expect((await theirs.send(path, { method: "POST", body: "x" })).status).toBe(404);
    expect((await theirs.get("/get-artifact", { run_id: runId, path: "a.txt" })).status).toBe(404);
    const kept = await download("/get-artifact", { run_id: runId, path: "a.txt" });
    expect(await kept.text()).toBe("mine");
  });
});
