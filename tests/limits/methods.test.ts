import { request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mlflowPaths } from "@/server/protocols/mlflow/app";
import { mlflowRoutes } from "@/server/protocols/mlflow/routes";
import { restRoutes } from "@/server/protocols/rest/routes";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorld } from "../support/workspace";

const VERBS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"];
const CANARY = "env-canary-7f3a91";

let world: TestWorld;
let server: TestServer;
let key: string;
beforeAll(async () => {
  process.env.METHODS_CANARY = CANARY;
  world = await createTestWorld();
  server = await startTestServer(world);
  key = await (await world.workspace()).key("viewer");
});
afterAll(async () => {
  await server.close();
  await world.close();
});

interface Reply {
  status: number;
  allow: string | undefined;
  text: string;
}

/** Any verb at all: fetch refuses to send some of them. */
function send(method: string, path: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const call = request(
      server.url + path,
      { method, headers: { authorization: `Bearer ${key}`, connection: "close" } },
      (reply) => {
        let text = "";
        reply.on("data", (chunk) => {
          text += String(chunk);
        });
        reply.on("end", () =>
          resolve({ status: reply.statusCode ?? 0, allow: reply.headers.allow, text }),
        );
      },
    );
    call.on("error", reject);
    call.end();
  });
}

/** A path as a pattern: `/runs/{run}` fits `/runs/export`, too. */
const restPattern = (path: string) =>
  new RegExp(
    `^${path.replaceAll(/\{(\w+)(\+?)\}/g, (_all, _name, rest) => (rest ? ".+" : "[^/]+"))}$`,
  );

const paths = new Map<string, Set<string>>();
for (const { path } of restRoutes) {
  const filled = path.replaceAll(/\{\w+\+?\}/g, "x");
  const fits = restRoutes.filter((route) => restPattern(route.path).test(filled));
  const known = new Set(fits.map(({ method }) => method.toUpperCase()));
  if (known.has("GET")) known.add("HEAD");
  paths.set(`/api/v1${filled}`, known);
}

describe("nine verbs on every REST route", () => {
  it.each([...paths])("%s answers 405 with Allow to all but its own", async (path, known) => {
    for (const verb of VERBS) {
      if (known.has(verb) || verb === "CONNECT") continue;
      const { status, allow, text } = await send(verb, path);
      expect(`${verb} ${path} ${status}`).toBe(`${verb} ${path} 405`);
      if (verb !== "TRACE") expect(new Set(allow?.split(", "))).toEqual(known);
      expect(text).not.toContain(CANARY);
    }
  });
});

const firstPath = (route: (typeof mlflowRoutes)[number]) => mlflowPaths(route)[0] ?? "";
const allMlflowPaths = [...new Set(mlflowRoutes.map(firstPath))];

/** The verbs of every route whose pattern fits this path. */
function mlflowVerbs(filled: string): Set<string> {
  const fits = mlflowRoutes.filter((route) =>
    new RegExp(`^${firstPath(route).replaceAll(/:\w+/g, "[^/]+")}$`).test(filled),
  );
  const verbs = new Set<string>(fits.flatMap(({ methods }) => methods));
  if (verbs.has("GET")) verbs.add("HEAD");
  return verbs;
}

describe("nine verbs on every MLflow route", () => {
  it.each(allMlflowPaths)("%s answers 405 with Allow to all but its own", async (path) => {
    const filled = path.replaceAll(/:\w+/g, "x");
    const known = mlflowVerbs(filled);
    for (const verb of VERBS) {
      if (known.has(verb) || verb === "CONNECT") continue;
      const { status, allow, text } = await send(verb, filled);
      expect(`${verb} ${path} ${status}`).toBe(`${verb} ${path} 405`);
      expect(allow).toBeTruthy();
      expect(text).not.toContain(CANARY);
    }
  });
});

it("closes the connection on CONNECT and lives on", async () => {
  const { port } = new URL(server.url);
  const socket = connect(Number(port), "127.0.0.1");
  socket.write("CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n");
  const text = await new Promise<string>((done) => {
    let all = "";
    socket.on("data", (chunk) => {
      all += String(chunk);
    });
    socket.on("close", () => done(all));
    socket.on("error", () => done(all));
  });
  expect(text).not.toContain("200");
  expect((await send("GET", "/health")).status).toBe(200);
});
