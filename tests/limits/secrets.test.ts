import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLog } from "@/server/kernel/log";
import { Secret } from "@/server/kernel/secret";
import { asOwner } from "../support/database";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

const lines: string[] = [];
const log = createLog("web", "trace", { write: (line: string) => void lines.push(line) });

let world: TestWorld;
let server: TestServer;
let workspace: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  // The product's own log in place of the silent one of tests.
  server.runtime.log = log;
  workspace = await world.workspace();
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const CANARIES = {
  bearer: "mdy_canaryBearer1_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  basic: "canary-basic-password-5521",
  cookie: "canary-cookie-8841",
  link: "canary-link-token-3317",
  invitation: "canary-invitation-7719",
  once: "canary-idempotency-4471",
  header: "canary-header-9923",
};

/** Every way a secret can come in, to routes that answer, refuse and break. */
function attempts(good: string): [path: string, init: RequestInit][] {
  const json = { "content-type": "application/json" };
  const model = JSON.stringify({ name: "m", type: "regression", framework: "xgboost" });
  const form = (body: string) => ({
    method: "POST",
    body,
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
  const basic = `Basic ${Buffer.from(`u:${CANARIES.basic}`).toString("base64")}`;
  return [
    ["/api/v1/me", { headers: { authorization: `Bearer ${CANARIES.bearer}` } }],
    ["/api/v1/me", { headers: { authorization: basic } }],
    ["/api/2.0/mlflow/experiments/search", { headers: { authorization: basic } }],
    ["/api/trpc/access.me", { headers: { authorization: `Bearer ${CANARIES.bearer}` } }],
    [
      "/api/v1/me?workspace=w",
      { headers: { cookie: `next-auth.session-token=${CANARIES.cookie}` } },
    ],
    [`/signin/link?token=${CANARIES.link}`, { redirect: "manual" }],
    ["/signin/link", { ...form(`token=${CANARIES.link}`), redirect: "manual" }],
    ["/signin/link", { ...form(`invitation=${CANARIES.invitation}`), redirect: "manual" }],
    [
      "/api/v1/models",
      {
        method: "POST",
        body: model,
        headers: {
          ...json,
          authorization: `Bearer ${good}`,
          "idempotency-key": CANARIES.once,
          "x-anything": CANARIES.header,
        },
      },
    ],
    [
      "/api/v1/api-keys",
      {
        method: "POST",
        body: JSON.stringify({ name: "made", role: "viewer" }),
        headers: { ...json, authorization: `Bearer ${good}` },
      },
    ],
  ];
}

describe("secrets", () => {
  it("of every header and field stay out of logs and errors, on routes that break too", async () => {
    const good = await workspace.key("admin");
    const errors: string[] = [];
    let made = "";
    const round = async (): Promise<void> => {
      for (const [path, init] of attempts(good)) {
        const reply = await fetch(server.url + path, init);
        const text = await reply.text();
        if (path.endsWith("/api-keys") && reply.status === 201) made = JSON.parse(text).key;
        else if (reply.status >= 400) errors.push(text);
      }
    };
    await round();
    // Missing tables make every verb fail with what the database driver says, values included.
    await asOwner(
      world.db.ownerUrl,
      "alter table models rename to models_gone; alter table members rename to members_gone; alter table idempotent_answers rename to answers_gone; alter table sign_in_links rename to links_gone; alter table sessions rename to sessions_gone",
    );
    await round();
    const all = [...lines, ...errors].join("\n");
    expect(lines.length).toBeGreaterThan(0);
    const secrets = { ...CANARIES, good: good.slice(17), made: made.slice(17) };
    for (const [name, canary] of Object.entries(secrets)) {
      expect(canary.length, name).toBeGreaterThan(10);
      expect(all.includes(canary), `${name} leaked:\n${all.slice(0, 2000)}`).toBe(false);
    }
  });

  it("in a Secret cannot be printed by any road but reveal", () => {
    const secret = new Secret("canary-in-type");
    const holder = { secret };
    const printed = [
      String(secret),
      `${secret}`,
      JSON.stringify(holder),
      inspect(holder, { showHidden: true, depth: 9 }),
      `${Object.entries(secret)}${Object.getOwnPropertyNames(secret)}`,
    ].join("\n");
    expect(printed).not.toContain("canary-in-type");
    expect(secret.reveal()).toBe("canary-in-type");
    log.info({ reason: secret as never, model: "m" }, "with a secret");
    expect(lines.at(-1)).not.toContain("canary-in-type");
  });
});

describe("a log line", () => {
  it("leaves out every field that is not allowed, and names it", () => {
    log.info({ requestId: "r", body: { password: "p-1" }, headers: { cookie: "c" } }, "hello");
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({
      requestId: "r",
      msg: "hello",
      leftOut: ["body", "headers"],
    });
    expect(lines.at(-1)).not.toContain("p-1");
  });

  it("tells an error by type, message, code and causes, without what drivers hang on it", () => {
    const cause = Object.assign(new Error("duplicate"), {
      code: "23505",
      detail: "Key (x)=(canary-d)",
    });
    const error = new Error("Failed query: insert into t values ($1)\nparams: canary-p,1", {
      cause,
    });
    log.error({ err: error }, "failed");
    const line = lines.at(-1) ?? "";
    expect(line).not.toMatch(/canary-[dp]/);
    expect(JSON.parse(line).err).toMatchObject({ type: "Error", cause: { code: "23505" } });
  });

  it("is one line, whatever newline a name brings", () => {
    log.warn({ reason: 'a\n{"level":50,"msg":"forged"}' }, "line\nbreak");
    expect(lines.at(-1)?.trim().split("\n").length).toBe(1);
  });

  it.each([
    "Authorization: Bearer abcdef123456",
    "postgres://user:hunter22secret@db/x",
    "/signin/link?token=abcdef123456",
    "next-auth.session-token=abcdef123456",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdef123456",
  ])("hides what looks like a credential: %s", (text) => {
    log.warn({ reason: text }, text);
    expect(lines.at(-1)).not.toMatch(/abcdef123456|hunter22secret/);
  });
});
