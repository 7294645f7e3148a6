import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorld } from "../support/workspace";
import { runPython, skipPython } from "./python-client";

type Seen = Record<string, unknown>;

const read = async <T>(name: string): Promise<T> =>
  JSON.parse(await readFile(`tests/mlflow/conformance/${name}`, "utf8")) as T;

let world: TestWorld;
let server: TestServer;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

describe.skipIf(skipPython)("what the stock client sees, beside a stock server", () => {
  it("is the same but for the listed differences, of which none is none", async () => {
    const stock = await read<Seen>("stock.json");
    const differences =
      await read<Record<string, { ours: unknown; why: string }>>("differences.json");
    const workspace = await world.workspace();
    const ours = await runPython<Seen>("conformance/everything.py", {
      HOME: world.artifactsFolder,
      MLFLOW_TRACKING_URI: server.url,
      MLFLOW_TRACKING_TOKEN: await workspace.key("admin"),
      MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0",
    });
    const listed = Object.entries(differences).map(([name, { ours }]) => [name, ours]);
    expect(ours).toEqual({ ...stock, ...Object.fromEntries(listed) });
    for (const [name, { ours }] of Object.entries(differences)) {
      expect(stock[name], name).not.toEqual(ours);
    }
  }, 600_000);
});
