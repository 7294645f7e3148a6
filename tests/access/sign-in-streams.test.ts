import { afterAll, beforeAll, expect, it } from "vitest";
import { revokeApiKey } from "@/server/access";
import { hashToken, newToken } from "@/server/access/session-token";
import { asOwner } from "../support/database";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { memberContext } from "./people";

let world: TestWorld;
let server: TestServer;
let workspace: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  workspace = await world.workspace();
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const owner = (text: string, values: unknown[]) =>
  asOwner<{ id: string }>(world.db.ownerUrl, text, values);

/** An open page's stream; `text` grows, `ended` tells when the server refused or closed it. */
async function listen(credential: Record<string, string>) {
  const reply = await fetch(`${server.url}/api/trpc/live.changes?input=%7B%7D`, {
    headers: { accept: "text/event-stream", ...credential },
  });
  expect(reply.status).toBe(200);
  const stream = { text: "", ended: Promise.resolve() };
  const reader = reply.body?.getReader();
  stream.ended = (async () => {
    while (reader && !stream.text.includes("serialized-error")) {
      const piece = await reader.read().catch(() => ({ done: true, value: undefined }));
      if (piece.done) break;
      stream.text += Buffer.from(piece.value ?? []).toString("utf8");
    }
    await reader?.cancel().catch(() => undefined);
  })();
  // The listener stands in the hub once the database connection of the first one does.
  const hub =
    "select pid as id from pg_stat_activity where datname = current_database() and query ~ '^listen .?modelyard_changes'";
  await expect.poll(async () => (await owner(hub, [])).length).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 500));
  return stream;
}

const within = async (ended: Promise<void>): Promise<number> => {
  const startedMs = performance.now();
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error("the stream is open still")), 15_000);
  });
  await Promise.race([ended, late]);
  return performance.now() - startedMs;
};

it("ends within a second of sign-out, and other people's goes on", async () => {
  const open = async () => {
    const { userId } = await memberContext(world, workspace, "viewer");
    const token = newToken();
    await owner(
      "insert into sessions (token_hash, user_id, expires_at) values ($1, $2, now() + interval '1 hour')",
      [hashToken(token), userId],
    );
    const cookie = `next-auth.session-token=${token}`;
    const stream = await listen({ cookie, "x-modelyard-workspace": workspace.slug });
    return { stream, token };
  };
  const ada = await open();
  const bob = await open();
  await world.db.pool.query("select delete_session($1)", [hashToken(ada.token)]);
  expect(await within(ada.stream.ended)).toBeLessThan(10_000);
  await expect.poll(() => bob.stream.text, { timeout: 15_000 }).toContain("access");
  expect(bob.stream.text).not.toContain("serialized-error");
  await world.db.pool.query("select delete_session($1)", [hashToken(bob.token)]);
  await within(bob.stream.ended);
});

it("ends within a second of its key's revocation", async () => {
  const key = await workspace.key("viewer");
  const [row] = await owner("select id from api_keys where workspace_id = $1", [workspace.id]);
  const stream = await listen({ authorization: `Bearer ${key}` });
  await revokeApiKey(workspace.as("admin"), { id: row?.id ?? "" });
  expect(await within(stream.ended)).toBeLessThan(10_000);
});
