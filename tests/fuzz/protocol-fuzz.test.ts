import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { hashToken, newToken } from "@/server/access/session-token";
import { createDeployedWorld, type DeployedWorld } from "../deployments/support/deployed-world";
import {
  type PredictionServer,
  startPredictionServer,
} from "../predictions/support/prediction-server";
import { asOwner } from "../support/database";
import { populate, randomThings, type Things } from "../tenancy/support/populated";
import {
  bareRoutes,
  type FuzzedRoute,
  mlflowFuzzed,
  type ProtocolCall,
  trpcRoutes,
} from "./support/protocol-calls";

/** Calls of each route; more by FUZZ_RUNS. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 12);
const SEED = Number(process.env.FUZZ_SEED ?? 20261121);

/** Ends of the whole workspace or of the caller's own rights are proved elsewhere. */
const ENDS = /archive|erase|signOut|revokeSession|removeMember|changeRole/i;

let world: DeployedWorld;
let server: PredictionServer;
let key: string;
let cookie: string;
let things: Things;
beforeAll(async () => {
  world = await createDeployedWorld();
  server = await startPredictionServer(world, world.nodes);
  const workspace = await world.workspace();
  things = await populate(world, server, workspace);
  key = await workspace.key("admin");
  cookie = await signIn();
});
afterAll(async () => {
  await server.close();
  await world.close();
});

/** A browser's session of the workspace's administrator. */
async function signIn(): Promise<string> {
  const token = newToken();
  const userId = randomThings().userId;
  const owner = (text: string, values: unknown[]) => asOwner(world.db.ownerUrl, text, values);
  await owner("insert into users (id, name) values ($1, 'Grace')", [userId]);
  await owner("insert into members (workspace_id, user_id, role) values ($1, $2, 'admin')", [
    things.workspaceId,
    userId,
  ]);
  await owner(
    "insert into sessions (token_hash, user_id, expires_at) values ($1, $2, now() + interval '1 hour')",
    [hashToken(token), userId],
  );
  return `next-auth.session-token=${token}`;
}

async function send(call: ProtocolCall, credential: Record<string, string>) {
  const reply = await fetch(server.url + call.path, {
    method: call.method,
    redirect: "manual",
    headers: { ...credential, ...call.headers },
    ...(call.body === undefined ? {} : { body: call.body as BodyInit }),
    signal: AbortSignal.timeout(20_000),
  });
  const text = await reply.text();
  return { status: reply.status, type: reply.headers.get("content-type") ?? "", text };
}

interface Rules {
  credential: () => Record<string, string>;
  /** The protocol's own body of a refusal. */
  refusal: z.ZodType;
  /** Statuses of 500 and more that the protocol has a meaning for. */
  meant?: number[];
}

async function answers(route: FuzzedRoute, rules: Rules): Promise<void> {
  const { meant = [503] } = rules;
  await fc.assert(
    fc.asyncProperty(route.calls, async (call) => {
      const { status, type, text } = await send(call, rules.credential());
      const said = `${call.method} ${call.path.slice(0, 300)} ${String(call.body).slice(0, 300)} → ${status} ${text.slice(0, 300)}`;
      expect(status < 500 || meant.includes(status), said).toBe(true);
      if (status < 400) return;
      expect(type, said).toMatch(/^application\/json/);
      const parsed = rules.refusal.safeParse(JSON.parse(text));
      expect(parsed.success, `${said} ${parsed.error?.message}`).toBe(true);
    }),
    { numRuns: RUNS, seed: SEED },
  );
}

// Names alone are needed before a world is there; values come with it.
const named = (of: (things: Things) => FuzzedRoute[]) =>
  of(randomThings()).filter(({ name }) => !ENDS.test(name));
const live = (of: (things: Things) => FuzzedRoute[], name: string): FuzzedRoute => {
  const found = of(things).find((one) => one.name === name);
  if (!found) throw new Error(`no route ${name}`);
  return found;
};

const trpcError = z.object({
  error: z.object({
    message: z.string(),
    code: z.number(),
    data: z
      .object({
        code: z.string(),
        httpStatus: z.number(),
        problem: z.object({ code: z.string(), requestId: z.string() }),
      })
      .refine((data) => !("stack" in data)),
  }),
});
/** A body too large or deep is refused before tRPC sees it. */
const trpcRefusal = z.union([
  trpcError,
  z.array(z.union([trpcError, z.object({ result: z.any() })])),
]);

describe("tRPC answers generated inputs of a signed-in administrator", () => {
  it.each(named(trpcRoutes))(
    "$name: never 5xx, errors in tRPC's shape",
    async ({ name }) => {
      await answers(live(trpcRoutes, name), {
        credential: () => ({
          cookie,
          origin: server.url,
          "x-modelyard-workspace": things.workspaceSlug,
        }),
        refusal: trpcRefusal,
      });
    },
    180_000,
  );
});

const bearer = () => ({ authorization: `Bearer ${key}` });

describe("MLflow answers generated messages", () => {
  it.each(named(mlflowFuzzed))(
    "$name: never 5xx, errors in MLflow's shape",
    async ({ name }) => {
      await answers(live(mlflowFuzzed, name), {
        credential: bearer,
        refusal: z.strictObject({ error_code: z.string().regex(/^[A-Z_]+$/), message: z.string() }),
        // 501 is MLflow's word for what a client then does in another way.
        meant: [501, 503],
      });
    },
    180_000,
  );
});

const openInference = (of: Things) => bareRoutes("Open Inference", of);

describe("Open Inference answers generated requests", () => {
  it.each(named(openInference))(
    "$name: never 5xx, errors in its shape",
    async ({ name }) => {
      await answers(live(openInference, name), {
        credential: bearer,
        refusal: z.strictObject({ error: z.string().min(1) }),
      });
    },
    180_000,
  );
});

it("leaves the process answering, and the prototype of all objects alone", async () => {
  const reply = await fetch(`${server.url}/api/v1/me`, { headers: bearer() });
  expect(reply.status).toBe(200);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(12);
});
