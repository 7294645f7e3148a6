import { access } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createOidcProvider } from "@/server/access";
import { nextAuthOptions } from "@/server/access/next-auth-options";
import { hashToken, newToken } from "@/server/access/session-token";
import { createOutbound } from "@/server/kernel/outbound";
import { asOwner } from "../support/database";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { memberContext } from "./people";

let world: TestWorld;
let server: TestServer;
let workspace: TestWorkspace;
let cookie: string;
let token: string;
let userId: string;
const owner = (text: string, values: unknown[] = []) => asOwner(world.db.ownerUrl, text, values);
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  // Wrong credentials are counted by address, so each question comes from its own.
  server.runtime.limits.trustedProxies = 1;
  workspace = await world.workspace();
});
beforeEach(async () => {
  ({ userId } = await memberContext(world, workspace, "viewer"));
  token = newToken();
  cookie = `next-auth.session-token=${token}`;
  await owner(
    "insert into sessions (token_hash, user_id, expires_at) values ($1, $2, now() + interval '1 hour')",
    [hashToken(token), userId],
  );
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const PATHS = ["/api/v1/me", "/api/v1/models", "/api/trpc/access.me?input=%7B%7D"];

let asked = 0;

async function statuses(credential: Record<string, string>): Promise<number[]> {
  asked += 1;
  const headers = {
    "x-modelyard-workspace": workspace.slug,
    "x-forwarded-for": `10.0.0.${asked}`,
    ...credential,
  };
  const answers = PATHS.map(async (path) => (await fetch(server.url + path, { headers })).status);
  return Promise.all(answers);
}

describe("a session", () => {
  it("lets in while it and its membership are there", async () => {
    expect(await statuses({ cookie })).toEqual([200, 200, 200]);
  });

  it("that has ended lets nobody in", async () => {
    await owner("update sessions set expires_at = now() where user_id = $1", [userId]);
    expect(await statuses({ cookie })).toEqual([401, 401, 401]);
  });

  it("without a membership lets nobody in", async () => {
    await owner("delete from members where user_id = $1", [userId]);
    expect(await statuses({ cookie })).toEqual([404, 404, 404]);
  });

  it.each(["", "null", "undefined", "[object Object]", "{}", "true", "%00", "%E0%A4%A"])(
    "with %j for a token lets nobody in",
    async (value) => {
      const made = { cookie: `next-auth.session-token=${value}` };
      expect(await statuses(made)).toEqual([401, 401, 401]);
    },
  );

  it("is no session by the name of another cookie of next-auth's", async () => {
    for (const name of ["next-auth.csrf-token", "authjs.session-token", "session-token"]) {
      expect(await statuses({ cookie: `${name}=${token}` })).toEqual([401, 401, 401]);
    }
  });
});

describe("when what finds people is broken, nobody gets in", () => {
  it.each([
    ["fails", "raise exception 'broken'"],
    [
      "finds a row of nothing",
      "return query select null::uuid, null::text, null::text, null::timestamptz",
    ],
  ])("the look-up of sessions %s", async (_how, body) => {
    const [kept] = (await owner(
      "select pg_get_functiondef('lookup_session(bytea)'::regprocedure) as text",
    )) as { text: string }[];
    await owner(
      `create or replace function lookup_session(in_token_hash bytea)
       returns table (user_id uuid, name text, email text, expires_at timestamptz)
       language plpgsql stable security definer set search_path = public, pg_temp
       as $$ begin ${body}; end $$`,
    );
    try {
      const found = await statuses({ cookie });
      expect(
        found.every((status) => status >= 400 && status !== 429),
        String(found),
      ).toBe(true);
      expect(await statuses({ authorization: `Bearer ${await workspace.key("viewer")}` })).toEqual([
        200, 200, 200,
      ]);
    } finally {
      await owner(kept?.text ?? "");
    }
    expect(await statuses({ cookie })).toEqual([200, 200, 200]);
  });
});

describe("sign-in with a provider that is set up wrong", () => {
  const runtime = () => ({
    ...server.runtime,
    ports: { ...server.runtime.ports, outbound: createOutbound({ allowPrivate: true }) },
  });

  it("offers no provider for an id nobody made, or none at all", async () => {
    for (const path of [["signin", "nobody"], ["callback", "../x"], ["signin"], ["session"], []]) {
      const options = await nextAuthOptions(runtime(), "x".repeat(32), path);
      expect(options.providers).toEqual([]);
      expect(options.session?.strategy).toBe("database");
    }
  });

  it("refuses to begin while the provider is not there", async () => {
    const { id } = await createOidcProvider(workspace.as("admin"), {
      name: "gone",
      issuer: "http://127.0.0.1:9",
      clientId: "c",
    });
    for (const action of ["signin", "callback"]) {
      await expect(nextAuthOptions(runtime(), "x".repeat(32), [action, id])).rejects.toThrow();
    }
  });
});

it("nothing of access stands in a Next middleware: there is none", async () => {
  for (const folder of ["", "app/", "src/"]) {
    for (const name of ["middleware.ts", "middleware.js", "proxy.ts", "proxy.js"]) {
      await expect(access(folder + name), folder + name).rejects.toMatchObject({ code: "ENOENT" });
    }
  }
});
