import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorld } from "../support/workspace";

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

it("answers 401 to every malformed credential", async () => {
  const odd = [
    "",
    " ",
    "Bearer",
    "Bearer ",
    "Bearer a b",
    "Basic %%%",
    "Digest x",
    "Bearer eyJ.e.e",
    "Bearer eyJhbGciOiJub25lIn0.e30.",
    `Bearer ${"é".repeat(10)}`,
    `Bearer mdy_${"a".repeat(62)}`,
    `Bearer ${"x".repeat(7000)}`,
    "Bearer null",
    "bearer undefined",
    "Bearer [object Object]",
  ];
  for (const authorization of odd) {
    const bytes = Buffer.from(authorization, "utf8").toString("latin1");
    const reply = await fetch(`${server.url}/api/v1/me`, { headers: { authorization: bytes } });
    expect([authorization.slice(0, 30), reply.status]).toEqual([authorization.slice(0, 30), 401]);
  }
});
