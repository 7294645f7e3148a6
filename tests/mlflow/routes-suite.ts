import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { type MlflowClient, mlflowClient } from "./client";

/** What a file of route tests works with; set once `serveMlflow` ran its hooks. */
export let world: TestWorld;
export let workspace: TestWorkspace;
export let server: TestServer;
export let mlflow: MlflowClient;

/** One server a file, and for each test a workspace of its own with a data scientist's key. */
export function serveMlflow(): void {
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
    mlflow = mlflowClient(server, await workspace.key("data_scientist"));
  });
}

export const time = expect.any(Number);

/** The reply to a parameter that is not valid. */
export const invalid = (message: string | RegExp) => ({
  status: 400,
  body: {
    error_code: "INVALID_PARAMETER_VALUE",
    message: typeof message === "string" ? message : expect.stringMatching(message),
  },
});
