import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mlflowPaths } from "@/server/protocols/mlflow/app";
import { mlflowRoutes } from "@/server/protocols/mlflow/routes";
import { restRoutes } from "@/server/protocols/rest/routes";
import { multipart, send as sendForm } from "../datasets/upload-form";
import { createDeployedWorld, type DeployedWorld } from "../deployments/support/deployed-world";
import {
  type PredictionServer,
  startPredictionServer,
} from "../predictions/support/prediction-server";
import { populate, type Things, valuesFor } from "../tenancy/support/populated";
import { pathCorpus } from "./support/path-corpus";
import { type JsonSchema, jsonSchemaOf } from "./support/schema-arbitrary";

const SECRET = "canary-7b1c1d5e";
/** The whole corpus in every field takes its time. */
const PATIENCE_MS = process.env.PATH_CORPUS === "full" ? 3_600_000 : 300_000;

let world: DeployedWorld;
let server: PredictionServer;
let key: string;
let things: Things;
let canary: string;
let corpus: string[];
let outside: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  server = await startPredictionServer(world, world.nodes);
  const workspace = await world.workspace();
  things = await populate(world, server, workspace);
  key = await workspace.key("admin");
  // Above the home, where a climb of any length would find it.
  outside = join(world.artifactsFolder, "..");
  canary = `${world.artifactsFolder}-canary.txt`;
  await writeFile(canary, SECRET);
  corpus = pathCorpus(canary);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

/** The path goes out as written: fetch would resolve its dots. */
function raw(method: string, path: string, body?: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const url = new URL(server.url);
    const out = request(
      {
        host: url.hostname,
        port: url.port,
        method,
        path,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
      },
      (reply) => {
        let text = "";
        reply.setEncoding("utf8");
        reply.on("data", (piece: string) => {
          text += piece;
          if (text.length > 100_000 || /event-stream/.test(String(reply.headers["content-type"]))) {
            out.destroy();
            resolve({ status: reply.statusCode ?? 0, body: text });
          }
        });
        reply.on("end", () => resolve({ status: reply.statusCode ?? 0, body: text }));
      },
    );
    out.on("error", (error: NodeJS.ErrnoException) =>
      error.code === "ECONNRESET" ? resolve({ status: 400, body: "" }) : reject(error),
    );
    out.end(body);
  });
}

/** Of what a client can put into a request line; the rest is sent percent-encoded. */
const inLine = (text: string): string =>
  encodeURI(text).replaceAll("%25", "%").replaceAll("#", "%23");

const hidesNothing = (where: string, answer: { status: number; body: string }): string[] => {
  if (answer.body.includes(SECRET) || /root:.*:0:0:/.test(answer.body)) return [`${where}: CANARY`];
  // 501: word of the MLflow protocol; 503: no Python environment to ask.
  const isBroken = answer.status >= 500 && answer.status !== 503 && answer.status !== 501;
  return isBroken ? [`${where}: ${answer.status} ${answer.body.slice(0, 200)}`] : [];
};

/** Takes turns, so that each spelling meets each field in a bounded number of requests. */
async function eachSpelling(
  spellings: string[],
  ask: (spelling: string) => Promise<string[]>,
): Promise<string[]> {
  const wrong: string[] = [];
  const queue = [...spellings];
  const lane = async () => {
    for (let one = queue.pop(); one !== undefined; one = queue.pop())
      wrong.push(...(await ask(one)));
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  return wrong;
}

const isText = (schema: JsonSchema): boolean =>
  schema.type === "string" || (schema.anyOf ?? schema.oneOf ?? []).some(isText);

const textFields = (schema: JsonSchema): string[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, one]) => (isText(one) ? [name] : []));

const pathOf = (path: string, except?: string, value = ""): string =>
  `/api/v1${path.replaceAll(/\{(\w+)\+?\}/g, (_, name: string) =>
    name === except ? value : encodeURIComponent(valuesFor(name, things, path)[0] ?? "x"),
  )}`;

/** Every spelling in these; in each other field every 23rd, another offset for each, or all by PATH_CORPUS=full. */
const FILE_FIELDS = /path|file|name|uri|source|artifact|rest/i;
const share = (field: string, at: number): string[] =>
  FILE_FIELDS.test(field) || process.env.PATH_CORPUS === "full"
    ? corpus
    : corpus.filter((_, i) => i % 23 === at % 23);

it("knows at least 500 spellings", () => {
  expect(corpus.length).toBeGreaterThanOrEqual(500);
});

describe("no spelling of a path reaches a file", () => {
  it(
    "in any placeholder of a REST path",
    async () => {
      const wrong: string[] = [];
      for (const [at, route] of restRoutes.entries()) {
        for (const [, name = ""] of route.path.matchAll(/\{(\w+)\+?\}/g)) {
          wrong.push(
            ...(await eachSpelling(share(name, at), async (spelling) => {
              const path = pathOf(route.path, name, inLine(spelling));
              return hidesNothing(path, await raw(route.method.toUpperCase(), path));
            })),
          );
        }
      }
      expect(wrong).toEqual([]);
    },
    PATIENCE_MS,
  );

  it(
    "in any query parameter or member of a REST body",
    async () => {
      const wrong: string[] = [];
      for (const [at, route] of restRoutes.entries()) {
        const method = route.method.toUpperCase();
        for (const name of textFields(jsonSchemaOf(route.query))) {
          const ask = async (spelling: string) => {
            const path = `${pathOf(route.path)}?${name}=${encodeURIComponent(spelling)}`;
            return hidesNothing(path, await raw(method, path));
          };
          // An export answers with the whole log, thousands of rows by now: a few spellings each.
          const spellings = share(name, at).slice(
            0,
            route.path.endsWith("/export") ? 3 : undefined,
          );
          wrong.push(...(await eachSpelling(spellings, ask)));
        }
        for (const name of textFields(jsonSchemaOf(route.body))) {
          const ask = async (spelling: string) => {
            const body = JSON.stringify({ [name]: spelling });
            return hidesNothing(
              `${method} ${route.path} ${body}`,
              await raw(method, pathOf(route.path), body),
            );
          };
          wrong.push(...(await eachSpelling(share(name, at), ask)));
        }
      }
      expect(wrong).toEqual([]);
    },
    PATIENCE_MS,
  );

  it(
    "in any field of an MLflow message",
    async () => {
      const wrong: string[] = [];
      for (const [at, route] of mlflowRoutes.entries()) {
        for (const name of Object.keys(route.fields)) {
          const ask = async (spelling: string) => {
            const message = { run_id: things.runId.replaceAll("-", ""), [name]: spelling };
            const method = route.methods[0] ?? "POST";
            const path = (mlflowPaths(route)[0] ?? "").replaceAll(/:\w+/g, "x");
            const query = method === "GET" ? `?${new URLSearchParams(message as never)}` : "";
            const body = method === "GET" ? undefined : JSON.stringify(message);
            return hidesNothing(
              `${path} ${name}=${spelling}`,
              await raw(method, path + query, body),
            );
          };
          wrong.push(...(await eachSpelling(share(name, at), ask)));
        }
      }
      expect(wrong).toEqual([]);
    },
    PATIENCE_MS,
  );

  it.each(["GET", "PUT", "DELETE"])(
    "in the path of a proxied MLflow artifact: %s",
    async (method) => {
      const run = things.runId.replaceAll("-", "");
      const roots = ["", `${things.experimentNumber}/${run}/artifacts/`];
      const wrong = await eachSpelling(corpus, async (spelling) => {
        const answers = roots.map(async (root) => {
          const path = `/api/2.0/mlflow-artifacts/artifacts/${root}${inLine(spelling)}`;
          return hidesNothing(path, await raw(method, path, method === "PUT" ? "x" : undefined));
        });
        return (await Promise.all(answers)).flat();
      });
      expect(wrong).toEqual([]);
    },
    PATIENCE_MS,
  );

  it("in any header the product reads", async () => {
    const names = [
      "x-modelyard-workspace",
      "x-tenant-id",
      "range",
      "if-none-match",
      "origin",
      "x-forwarded-for",
      "cookie",
      "idempotency-key",
    ];
    const printable = corpus.map((one) => one.replaceAll(/[^\x20-\x7e]/g, "?"));
    const path = `/api/v1/runs/${things.runId}/artifacts/${things.artifactPath}`;
    const wrong = await eachSpelling(printable, async (spelling) => {
      const headers = Object.fromEntries(names.map((name) => [name, spelling]));
      return hidesNothing(`headers ${spelling}`, await raw("GET", path, undefined, headers));
    });
    expect(wrong).toEqual([]);
  }, 180_000);

  it("as the name of an uploaded file or dataset", async () => {
    const wrong = await eachSpelling(
      corpus.filter((_, i) => i % 9 === 0),
      async (spelling) => {
        const name = spelling.replaceAll(/["\p{Cc}]/gu, "_");
        const form = multipart([
          { name: "name", content: spelling },
          { name: "file", content: "a,b\n1,2\n", fileName: name },
        ]);
        const headers = { authorization: `Bearer ${key}`, "content-type": form.type };
        const reply = await sendForm(`${server.url}/api/v1/datasets`, "POST", headers, form.body);
        return hidesNothing(`upload ${spelling}`, {
          status: reply.status,
          body: JSON.stringify(reply.body),
        });
      },
    );
    expect(wrong).toEqual([]);
  }, 180_000);
});

it("leaves everything outside its folder as it was, and inside only what it named itself", async () => {
  expect(await readFile(canary, "utf8")).toBe(SECRET);
  const above = (await readdir(outside)).filter((name) => /^(canary\.txt|passwd|etc)$/.test(name));
  expect(above).toEqual([]);
  const files = await readdir(world.artifactsFolder, { recursive: true });
  const strange: string[] = [];
  for (const name of files) {
    const isFolder = (await stat(join(world.artifactsFolder, name))).isDirectory();
    const plain = isFolder
      ? /^[\w./-]+$/
      : /^[0-9a-f-]+(\/[\w-]+)*\/?[0-9a-f-]*$|^[\w-]+\/[\w./-]+$/;
    if (!plain.test(name) || name.includes("..")) strange.push(name);
  }
  expect(strange).toEqual([]);
});
