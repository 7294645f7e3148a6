import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { startReceiver } from "../webhooks/receiver";
import { runPython, skipPython } from "./python-client";

interface Outcome {
  proved: string[];
  refusals: Record<string, { code: string; seconds: number; message: string }>;
}

describe.skipIf(skipPython)("the stock client's registry", () => {
  let world: TestWorld;
  let workspace: TestWorkspace;
  let server: TestServer;
  beforeAll(async () => {
    world = await createTestWorld();
    workspace = await world.workspace();
    server = await startTestServer(world);
  });
  afterAll(async () => {
    await server.close();
    await world.close();
  });

  it("registers, loads by alias, tags, stages, searches, renames and deletes; refusals come at once", {
    timeout: 300_000,
  }, async () => {
    const out = await runPython<Outcome>("stock_registry.py", {
      MLFLOW_TRACKING_URI: server.url,
      MLFLOW_TRACKING_TOKEN: await workspace.key("data_scientist"),
      HOME: world.artifactsFolder,
    });
    expect(out.proved).toEqual([
      "register and load",
      "files outlive the run",
      "tags and aliases",
      "stages",
      "search",
      "copies and prompts",
      "names",
      "rename and delete",
    ]);
    const codes = Object.fromEntries(
      Object.entries(out.refusals).map(([name, { code }]) => [name, code]),
    );
    expect(codes).toEqual({
      gone: "RESOURCE_DOES_NOT_EXIST",
      taken: "RESOURCE_ALREADY_EXISTS",
      slash: "INVALID_PARAMETER_VALUE",
      local: "INVALID_PARAMETER_VALUE",
      climb: "INVALID_PARAMETER_VALUE",
      run: "RESOURCE_DOES_NOT_EXIST",
      stage: "INVALID_PARAMETER_VALUE",
      alias: "INVALID_PARAMETER_VALUE",
      aliasOfNothing: "RESOURCE_DOES_NOT_EXIST",
      reserved: "INVALID_PARAMETER_VALUE",
      filter: "INVALID_PARAMETER_VALUE",
      token: "INVALID_PARAMETER_VALUE",
    });
    for (const [name, { seconds }] of Object.entries(out.refusals)) {
      expect(seconds, name).toBeLessThan(30);
    }
  });

  it("makes, tests, changes and deletes webhooks", { timeout: 120_000 }, async () => {
    const receiver = await startReceiver();
    try {
      const out = await runPython<{ gone: string }>("stock_webhooks.py", {
        MLFLOW_TRACKING_URI: server.url,
        MLFLOW_TRACKING_TOKEN: await workspace.key("admin"),
        HOME: world.artifactsFolder,
        RECEIVER_URL: receiver.url,
      });
      expect(out.gone).toBe("RESOURCE_DOES_NOT_EXIST");
      expect(receiver.received).toHaveLength(1);
    } finally {
      receiver.close();
    }
  });
});
