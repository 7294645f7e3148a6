import { randomUUID } from "node:crypto";
import { Agent, request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteOldAnswers } from "@/server/limits";
import { asOwner } from "../support/database";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let server: TestServer;
let workspace: TestWorkspace;
let key: string;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  workspace = await world.workspace();
  key = await workspace.key("admin");
});
afterAll(async () => {
  await server.close();
  await world.close();
});

function post(path: string, body: unknown, idempotencyKey: string, apiKey = key) {
  return fetch(`${server.url}/api/v1${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${apiKey}`,
      "content-type": "application/json",
      "idempotency-key": idempotencyKey,
    },
    body: JSON.stringify(body),
  });
}

const model = (name: string) => ({ name, type: "regression", framework: "xgboost" });
const count = async (table: string, where: string): Promise<number> => {
  const rows = await asOwner<{ n: string }>(
    world.db.ownerUrl,
    `select count(*) as n from ${table} where ${where}`,
  );
  return Number(rows[0]?.n);
};

describe("a POST with an Idempotency-Key", () => {
  it("gives its first answer again and makes nothing twice", async () => {
    const once = randomUUID();
    const first = await post("/models", model("again"), once);
    const text = await first.text();
    expect(first.status).toBe(201);
    expect(first.headers.get("idempotent-replayed")).toBeNull();
    const second = await post("/models", model("again"), once);
    expect(second.status).toBe(201);
    expect(second.headers.get("idempotent-replayed")).toBe("true");
    expect(await second.text()).toBe(text);
    expect(await count("models", "name = 'again'")).toBe(1);
  });

  it("is refused with 422 for another body or another route", async () => {
    const once = randomUUID();
    expect((await post("/models", model("one"), once)).status).toBe(201);
    expect((await post("/models", model("two"), once)).status).toBe(422);
    expect((await post("/experiments", { name: "one" }, once)).status).toBe(422);
    expect(await count("models", "name = 'two'")).toBe(0);
  });

  it("keeps nothing of what was refused, so the corrected call goes through", async () => {
    const once = randomUUID();
    expect((await post("/models", { name: "" }, once)).status).toBe(422);
    expect((await post("/models", model("again"), once)).status).toBe(409);
    expect((await post("/models", model("corrected"), once)).status).toBe(201);
  });

  it("means nothing to another caller or another workspace", async () => {
    const once = randomUUID();
    expect((await post("/experiments", { name: "e" }, once)).status).toBe(201);
    const colleague = await post(
      "/experiments",
      { name: "e2" },
      once,
      await workspace.key("admin"),
    );
    expect(colleague.status).toBe(201);
    const stranger = await (await world.workspace()).key("admin");
    const elsewhere = await post("/experiments", { name: "e" }, once, stranger);
    expect(elsewhere.status).toBe(201);
    expect(elsewhere.headers.get("idempotent-replayed")).toBeNull();
  });

  it.each(["", "x".repeat(256), "with space", "ünïcode"])(
    "is refused when the key is %j",
    async (bad) => {
      const headers = { "idempotency-key": bad };
      // Headers travel as Latin-1; what cannot be sent is no case.
      const reply = await fetch(`${server.url}/api/v1/models`, {
        method: "POST",
        headers: { ...headers, authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify(model(`bad ${bad.length}`)),
      });
      expect(reply.status).toBe(422);
    },
  );

  it("takes a key of 255 characters", async () => {
    expect((await post("/models", model("long key"), "k".repeat(255))).status).toBe(201);
  });

  it("has exactly one effect however many duplicates come at once", async () => {
    const duplicates = Number(process.env.DUPLICATES ?? 500);
    const once = randomUUID();
    // As many at a time as one client can hold open without waiting for its own connections.
    const dispatcher = new Agent({ connections: 250, headersTimeout: 0 });
    const replies = await Promise.all(
      Array.from({ length: duplicates }, async () => {
        const reply = await request(`${server.url}/api/v1/models`, {
          dispatcher,
          method: "POST",
          headers: {
            authorization: `Bearer ${key}`,
            "content-type": "application/json",
            "idempotency-key": once,
          },
          body: JSON.stringify(model("crowd")),
        });
        const text = await reply.body.text();
        return { status: reply.statusCode, text, retry: reply.headers["retry-after"] };
      }),
    );
    await dispatcher.close();
    const made = replies.filter(({ status }) => status === 201);
    expect(made.length).toBeGreaterThanOrEqual(1);
    expect(new Set(made.map(({ text }) => text)).size).toBe(1);
    for (const { status, retry } of replies) {
      expect([201, 409]).toContain(status);
      if (status === 409) expect(retry).toBe("1");
    }
    expect(await count("models", "name = 'crowd'")).toBe(1);
    const again = await post("/models", model("crowd"), once);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
  }, 120_000);

  it("never makes a thing twice when the first call's process was killed", async () => {
    const once = randomUUID();
    expect((await post("/models", model("killed"), once)).status).toBe(201);
    await asOwner(
      world.db.ownerUrl,
      "update idempotent_answers set status = null, answer = null, created_at = now() - interval '1 hour' where created_at > now() - interval '1 minute'",
    );
    const reply = await post("/models", model("killed"), once);
    expect(reply.status).toBe(409);
    expect((await reply.json()).detail).toMatch(/never answered/);
  });
});

describe("an upload with an Idempotency-Key", () => {
  const upload = (csv: string, once: string) => {
    const form = new FormData();
    form.set("name", "uploaded once");
    form.set("file", new Blob([csv]), "data.csv");
    return fetch(`${server.url}/api/v1/datasets`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "idempotency-key": once },
      body: form,
    });
  };
  const csv = `a,b\n${Array.from({ length: 20_000 }, (_, at) => `${at},${at * 2}`).join("\n")}\n`;

  it("is told by its content, whatever boundary the client chose", async () => {
    const once = randomUUID();
    const first = await upload(csv, once);
    const text = await first.text();
    expect(first.status, text).toBe(201);
    const second = await upload(csv, once);
    expect(await second.text()).toBe(text);
    expect(second.headers.get("idempotent-replayed")).toBe("true");
    expect((await upload(csv.replace("\n5,10\n", "\n5,11\n"), once)).status).toBe(422);
  });
});

describe("what is stored", () => {
  it("does not give away an API key that was shown once", async () => {
    const once = randomUUID();
    const made = await post("/api-keys", { name: "secret", role: "viewer" }, once);
    const { key: shown } = await made.json();
    const [, , secret = "-"] = shown.split("_");
    const rows = await asOwner<{ line: string }>(
      world.db.ownerUrl,
      "select encode(answer, 'escape') || encode(key_hash, 'escape') as line from idempotent_answers where answer is not null",
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const { line } of rows) {
      expect(line).not.toContain(secret);
      expect(line).not.toContain(once);
    }
    expect(
      (await (await post("/api-keys", { name: "secret", role: "viewer" }, once)).json()).key,
    ).toBe(shown);
  });

  it("is deleted by upkeep after a day", async () => {
    await asOwner(
      world.db.ownerUrl,
      "update idempotent_answers set expires_at = now() - interval '1 minute' where workspace_id = $1",
      [workspace.id],
    );
    expect(await deleteOldAnswers(workspace.job())).toBeGreaterThan(0);
    expect(await count("idempotent_answers", `workspace_id = '${workspace.id}'`)).toBe(0);
  });
});
