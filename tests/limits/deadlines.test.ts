import { request } from "node:http";
import { performance } from "node:perf_hooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { within } from "@/server/limits";
import { defineRoute } from "@/server/protocols/rest/contract";
import { restRoutes } from "@/server/protocols/rest/routes";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorld } from "../support/workspace";

let world: TestWorld;
let server: TestServer;
const base = { summary: "waits", tag: "test", permission: null, status: 200 } as const;
const made = [
  defineRoute({
    ...base,
    method: "get",
    path: "/waits/forever",
    operationId: "waitsForever",
    deadlineMs: 100,
    handler: () => new Promise(() => undefined),
  }),
  defineRoute({
    ...base,
    method: "post",
    path: "/waits/wide",
    operationId: "takesMore",
    bodyLimitBytes: 2 * 1024 * 1024,
    body: z.object({ text: z.string() }),
    reply: z.object({ length: z.number() }),
    handler: async ({ body }) => ({ length: body.text.length }),
  }),
];
beforeAll(async () => {
  world = await createTestWorld();
  restRoutes.push(...made);
  server = await startTestServer(world);
});
afterAll(async () => {
  restRoutes.splice(-made.length);
  await server.close();
  await world.close();
});

describe("a route's own limits", () => {
  it("end an answer that takes too long, with when to try again", async () => {
    const startedMs = performance.now();
    const reply = await fetch(`${server.url}/api/v1/waits/forever`);
    expect(reply.status).toBe(503);
    expect(reply.headers.get("retry-after")).toBe("5");
    expect(performance.now() - startedMs).toBeLessThan(15_000);
  });

  it("let a body be larger than elsewhere, and not by one byte more", async () => {
    const post = (length: number) =>
      fetch(`${server.url}/api/v1/waits/wide`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ text: "x".repeat(length) }),
      });
    const shell = '{"text":""}'.length;
    expect((await post(2 * 1024 * 1024 - shell)).status).toBe(200);
    expect((await post(2 * 1024 * 1024 - shell + 1)).status).toBe(413);
  });

  it("refuse a body that says it is too large before a byte of it came", async () => {
    const startedMs = performance.now();
    const key = await (await world.workspace()).key("admin");
    const status = await new Promise((resolve, reject) => {
      const call = request(
        `${server.url}/api/v1/models`,
        {
          method: "POST",
          headers: {
            authorization: `Bearer ${key}`,
            "content-type": "application/json",
            "content-length": "999999999",
          },
        },
        (reply) => {
          resolve(reply.statusCode);
          call.destroy();
        },
      );
      call.on("error", reject);
      call.flushHeaders();
    });
    expect(status).toBe(413);
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  });
});

describe("within", () => {
  it("answers what comes in time, and leaves no timer behind", async () => {
    expect(await within(Promise.resolve(7), 60_000, () => new Error("late"))).toBe(7);
    await expect(within(new Promise(() => undefined), 10, () => new Error("late"))).rejects.toThrow(
      "late",
    );
    const failing = within(Promise.reject(new Error("its own")), 60_000, () => new Error("late"));
    await expect(failing).rejects.toThrow("its own");
  });
});
