import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { restRoutes } from "@/server/protocols/rest/routes";
import { createDeployedWorld, type DeployedWorld } from "../deployments/support/deployed-world";
import {
  type PredictionServer,
  startPredictionServer,
} from "../predictions/support/prediction-server";
import { populate, type Things } from "../tenancy/support/populated";
import { callsOf, type GeneratedCall } from "./support/send-generated";

/** Calls of each operation; more by FUZZ_RUNS. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 60);
const SEED = Number(process.env.FUZZ_SEED ?? 20261121);

const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  requestId: z.string(),
});

let world: DeployedWorld;
let server: PredictionServer;
let key: string;
let things: Things;
beforeAll(async () => {
  world = await createDeployedWorld();
  server = await startPredictionServer(world, world.nodes);
  const workspace = await world.workspace();
  things = await populate(world, server, workspace);
  key = await workspace.key("admin");
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const send = (method: string, call: GeneratedCall) =>
  fetch(`${server.url}${call.path}${call.query}`, {
    method,
    redirect: "manual",
    headers: {
      authorization: `Bearer ${key}`,
      ...(call.contentType ? { "content-type": call.contentType } : {}),
    },
    ...(call.body === undefined || method === "GET" ? {} : { body: call.body }),
    signal: AbortSignal.timeout(20_000),
  });

/** Ends of the whole workspace or of the caller's own rights are proved elsewhere. */
const ENDS = /archive|erase|signOut|revokeSession/i;

describe("every REST operation answers generated calls", () => {
  const before = Object.getOwnPropertyNames(Object.prototype).sort();

  it.each(restRoutes.filter((route) => !ENDS.test(route.operationId)))(
    "$operationId: never 5xx, and as its contract says",
    async (route) => {
      await fc.assert(
        fc.asyncProperty(callsOf(route, things), async (call) => {
          const reply = await send(route.method.toUpperCase(), call);
          if (/event-stream/.test(reply.headers.get("content-type") ?? "")) {
            await reply.body?.cancel();
            return;
          }
          const answer = await reply.text();
          const said = `${reply.status} ${answer.slice(0, 300)}`;
          // 503: no Python environment is there to ask, no node holds the model.
          expect(reply.status < 500 || reply.status === 503, said).toBe(true);
          expect(reply.headers.get("x-request-id"), said).toBeTruthy();
          if (reply.status >= 400) {
            expect(reply.headers.get("content-type"), said).toBe("application/problem+json");
            expect(problem.safeParse(JSON.parse(answer)).success, said).toBe(true);
          } else if (route.reply && reply.status === route.status) {
            const parsed = route.reply.safeParse(JSON.parse(answer));
            expect(parsed.success ? "" : `${parsed.error.message} ${said}`).toBe("");
          }
        }),
        { numRuns: RUNS, seed: SEED },
      );
    },
    120_000,
  );

  it("leaves the prototype of all objects alone", () => {
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
