import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteDeployment } from "@/server/deployments";
import {
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
  slopeModel,
} from "../deployments/support/deployed-world";
import { mixedModel, mixedSignature } from "../node/support/sample-models";
import { until } from "../predictions/support/prediction-server";
import type { TestWorkspace } from "../support/workspace";
import { type Face, overGrpc, overRest } from "./support/both-faces";
import { numeric, one, REFUSED } from "./support/refused";
import { type BothServers, startBoth } from "./support/start-servers";

let world: DeployedWorld;
let workspace: TestWorkspace;
let server: BothServers;
let key: string;
const faces: Record<string, Face> = {};
beforeAll(async () => {
  world = await createDeployedWorld();
  workspace = await world.workspace();
  key = await workspace.key("data_scientist");
  await deployModel(world, workspace, "slope", slopeModel(3));
  await deployModel(world, workspace, "paint", { onnx: mixedModel(), signature: mixedSignature });
  server = await startBoth(world);
  faces.REST = overRest(server, key);
  faces.gRPC = overGrpc(server, key);
});
afterAll(async () => {
  expect(server.faults).toEqual([]);
  await server.close();
  await world.close();
});

describe.each(["REST", "gRPC"])("over %s", (name) => {
  const ask: Face = (asked) => {
    const face = faces[name];
    if (!face) throw new Error("no such face");
    return face(asked);
  };

  it.each(REFUSED)("%s is refused with the reason", async (_title, asked, outcome, message) => {
    const told = await ask(asked);
    expect([told.outcome, told.message]).toEqual([outcome, expect.stringContaining(message)]);
  });

  it("rows that are none, not finite or huge come back as what they are", async () => {
    const none = await ask({ inputs: [numeric([], [0, 2])] });
    expect(none).toMatchObject({
      outcome: "ok",
      outputs: { prediction: [] },
    });
    const odd = name === "REST" ? ["NaN", 0, "Infinity", 0] : [Number.NaN, 0, Infinity, 0];
    expect((await ask({ inputs: [numeric(odd)] })).outputs.prediction).toEqual([
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ]);
    const far = await ask({ inputs: [numeric([1e300, 1e-300])] });
    expect(far.outputs.prediction).toEqual([3e300]);
  });

  it("id and the caller's parameters come back, those with a meaning do not", async () => {
    const parameters = { note: "ü", count: 3, share: 0.5, flag: true };
    const meant = { priority: 1, timeout: 0, sequence_id: 7, binary_data_output: false };
    const told = await ask({ id: "a b", parameters: { ...parameters, ...meant }, inputs: [one] });
    expect(told).toMatchObject({ outcome: "ok", id: "a b" });
    expect(told.parameters).toEqual(name === "REST" ? parameters : { ...parameters, count: "3" });
  });

  it("a deployment that was deleted is unknown at once, to everything", async () => {
    const made = await deployModel(world, workspace, `gone-${name.toLowerCase()}`, slopeModel(1));
    const model = `gone-${name.toLowerCase()}`;
    await until(async () => (await ask({ model, inputs: [one] })).outcome === "ok");
    await deleteDeployment(workspace.as("admin"), { deployment: made.deploymentId });
    await until(async () => (await ask({ model, inputs: [one] })).outcome === "not_found");
    const index = await server.grpc.call("RepositoryIndex", {}, { key });
    expect(JSON.stringify(index.body)).not.toContain(model);
  });
});

describe("of REST alone", () => {
  const post = async (body: BodyInit, headers: Record<string, string> = {}, path = "infer") => {
    const reply = await fetch(`${server.url}/v2/models/slope/${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, ...headers },
      body,
    });
    const { error } = (await reply.json()) as { error?: string };
    return [reply.status, error ?? ""] as const;
  };

  it("JSON may nest 100 levels; 250,000 are refused and the server lives", async () => {
    const deep = (levels: number) => `{"x":${"[".repeat(levels)}${"]".repeat(levels)}}`;
    expect(await post(deep(101))).toEqual([400, expect.stringContaining("nested deeper")]);
    expect((await post(deep(250_000)))[0]).toBe(400);
    const index = await fetch(`${server.url}/v2/repository/index`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}` },
      body: `{"ready":${"[".repeat(250_000)}`,
    });
    expect(index.status).toBe(400);
    expect((await fetch(`${server.url}/v2/health/live`)).status).toBe(200);
  });

  it.each(["-1", "2147483648", "99999999999999999999", "1e2", "x", " ", "1,1", "0x10"])(
    "the header length %j is refused",
    async (length) => {
      const body = JSON.stringify({ inputs: [one] });
      const [status] = await post(body, { "inference-header-content-length": length });
      expect(status).toBe(400);
    },
  );

  it("what unpacks beyond the limit is 413, an unknown packing 400", async () => {
    const bomb = gzipSync(Buffer.alloc(65 * 1024 * 1024, 0x20));
    expect((await post(bomb, { "content-encoding": "gzip" }))[0]).toBe(413);
    for (const encoding of ["br", "zstd", "gzip, gzip"])
      expect((await post("{}", { "content-encoding": encoding }))[0], encoding).toBe(400);
  });

  it("binary tensors must have the bytes that their shape says", async () => {
    const head = JSON.stringify({
      inputs: [{ ...one, data: undefined, parameters: { binary_data_size: 12 } }],
    });
    const body = Buffer.concat([Buffer.from(head), Buffer.alloc(12)]);
    const headers = { "inference-header-content-length": String(Buffer.byteLength(head)) };
    expect(await post(new Uint8Array(body), headers)).toEqual([
      400,
      expect.stringContaining("expected 16 bytes of binary data, got 12"),
    ]);
  });

  it("queries are ignored and names percent-encoded, on every address", async () => {
    const get = (path: string, init: RequestInit = {}) =>
      fetch(`${server.url}/v2${path}`, { ...init, headers: { authorization: `Bearer ${key}` } });
    for (const path of [
      "?a=1",
      "/health/live?a=1&b=2",
      "/health/ready?x",
      "/models/sl%6fpe?a=1",
      "/models/slope/ready?a=1",
      "/models/slope/config?a=1",
      "/models/slope/stats?a=1",
      "/models/slope/versions/1?a=1",
      "/models/slope/versions/1/stats?a=1",
      "/models/stats?a=1",
    ])
      expect((await get(path)).status, path).toBe(200);
    expect((await get("/repository/index?a=1", { method: "POST" })).status).toBe(200);
    for (const [path, method, status] of [
      ["/models/slope/config", "POST", 405],
      ["/models/stats", "DELETE", 405],
      ["/repository/index", "GET", 405],
      ["/models/slope/generate", "POST", 501],
      ["/models/slope/generate_stream", "POST", 501],
      ["/repository/models/slope/load", "POST", 501],
      ["/systemsharedmemory/status", "GET", 501],
      ["/logging", "GET", 501],
      ["/repository/models/slope/nothing", "POST", 404],
      ["/models/slope/versions/1/nothing", "GET", 404],
    ] as const)
      expect((await get(path, { method })).status, path).toBe(status);
  });

  it("large replies are packed for callers who take that", async () => {
    const asked = { inputs: [numeric(new Array(20_000).fill(1))] };
    const reply = await fetch(`${server.url}/v2/models/slope/infer`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "accept-encoding": "gzip;q=0, deflate" },
      body: JSON.stringify(asked),
    });
    expect(reply.headers.get("content-encoding")).toBe("deflate");
    const { outputs } = (await reply.json()) as { outputs: { shape: number[] }[] };
    expect(outputs[0]?.shape).toEqual([10_000]);
  });
});
