import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { send, upload } from "./upload-form";

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

const CSV =
  "id,age,color,ok,day,at\n1,20.5,red,true,2024-01-01,2024-01-01T10:00:00Z\n2,,blue,false,2024-01-03,2024-01-02 10:00:00\n3,40,red,,2024-01-02,2024-01-01T09:00:00+02:00\n";

it("answers 201 with rows, digest, types and a profile of every column", async () => {
  const reply = await upload(server.url, key, "people", CSV);
  console.log(JSON.stringify(reply.body, null, 1));
  expect(reply.status).toBe(201);
});
