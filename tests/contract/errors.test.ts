import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppError, ERRORS, type ErrorCode, toProblem } from "@/server/kernel/errors";
import { createApiApp } from "@/server/protocols/rest/app";
import { defineRoute } from "@/server/protocols/rest/contract";
import { restRoutes } from "@/server/protocols/rest/routes";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorld } from "../support/workspace";

const CODES = Object.keys(ERRORS) as ErrorCode[];
const SECRET = "driver text with a secret";

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

describe("the registry of errors", () => {
  it.each(CODES)(
    "answers %s with its status, as problem+json with the request id",
    async (code) => {
      const route = defineRoute({
        method: "get",
        path: `/thrown/${code}`,
        operationId: `thrown-${code}`,
        summary: "throws",
        tag: "test",
        permission: null,
        status: 200,
        handler: async () => {
          throw new AppError(code, "what to do");
        },
      });
      restRoutes.push(route);
      try {
        const app = createApiApp(server.runtime);
        const reply = await app.request(`/api/v1/thrown/${code}`);
        expect(reply.status).toBe(ERRORS[code].status);
        expect(reply.headers.get("content-type")).toBe("application/problem+json");
        const body = await reply.json();
        expect(body).toMatchObject({ code, status: ERRORS[code].status });
        expect(body.requestId).toBe(reply.headers.get("x-request-id"));
      } finally {
        restRoutes.pop();
      }
    },
  );

  it("says nothing of an unknown failure but the request id", () => {
    const problem = toProblem(new Error(SECRET), "r-1");
    expect(JSON.stringify(problem)).not.toContain(SECRET);
    expect(problem).toMatchObject({ status: 500, code: "internal", requestId: "r-1" });
  });

  it.each(["ECONNREFUSED", "57P01", "08006"])(
    "calls a database outage (%s) unavailable",
    (code) => {
      const error = Object.assign(new Error("query failed"), {
        cause: Object.assign(new Error(SECRET), { code }),
      });
      const problem = toProblem(error, "r-2");
      expect(problem).toMatchObject({ status: 503, code: "unavailable" });
      expect(JSON.stringify(problem)).not.toContain(SECRET);
    },
  );
});

describe("every REST route", () => {
  it("declares a permission, or is on the short list of open ones", () => {
    const open = restRoutes.filter((route) => route.permission === null);
    expect(open.map(({ path }) => path)).toEqual([
      "/nodes/announce",
      "/nodes/artifacts/{workspace}/{sha256}",
    ]);
    for (const route of open) expect(route.admit, route.path).toBeTypeOf("function");
  });

  it("has an operation id of its own", () => {
    const ids = restRoutes.map((route) => route.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("refuses a caller without credentials", async () => {
    for (const route of restRoutes) {
      const path = `/api/v1${route.path}`.replaceAll(/\{\w+\}/g, "x");
      const reply = await fetch(`${server.url}${path}`, { method: route.method.toUpperCase() });
      expect(`${route.method} ${route.path} ${reply.status}`).toBe(
        `${route.method} ${route.path} 401`,
      );
      await reply.body?.cancel();
    }
  });
});

describe("text that Postgres cannot store", () => {
  it.each(["nul \u0000 byte", "lone \ud800 surrogate"])(
    "never answers 5xx: %j",
    async (description) => {
      const key = await (await world.workspace()).key("admin");
      const reply = await fetch(`${server.url}/api/v1/models`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ name: "m", type: "regression", framework: "xgboost", description }),
      });
      expect([201, 422]).toContain(reply.status);
    },
  );
});
