import { type ChildProcess, spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { count } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { withWorkspace } from "@/db/client";
import { auditLog, objectKeys } from "@/db/schema";
import {
  createFileBlobs,
  createKeyring,
  createObjectStore,
  eraseWorkspace,
  rotateKek,
  rotateWorkspaceKey,
} from "@/server/artifacts";
import { TEST_SECRET } from "../support/test-secret";
import {
  createTestWorld,
  type TestWorkspace,
  type TestWorld,
  testKeyring,
} from "../support/workspace";

let world: TestWorld;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());

const put = async (workspace: TestWorkspace, content: string, objects = world.objects) =>
  (await objects.put(workspace.id, Readable.from([Buffer.from(content)]), 1e6)).sha256;
const read = async (workspace: TestWorkspace, sha256: string, objects = world.objects) =>
  text(await objects.get(workspace.id, sha256));
const storeUnder = (keyring: ReturnType<typeof createKeyring>) =>
  createObjectStore({ db: world.db, blobs: createFileBlobs(world.artifactsFolder), keyring });
const keyIds = (workspace: TestWorkspace) =>
  withWorkspace(workspace.job(), async (tx) => {
    const found = await tx
      .select({ keyId: objectKeys.workspaceKeyId, n: count() })
      .from(objectKeys)
      .groupBy(objectKeys.workspaceKeyId);
    return found;
  });
const actions = (workspace: TestWorkspace) =>
  withWorkspace(workspace.job(), async (tx) => {
    const rows = await tx.select().from(auditLog).orderBy(auditLog.seq);
    return rows.map((row) => row.action);
  });

async function fill(workspace: TestWorkspace, count: number): Promise<Map<string, string>> {
  const made = new Map<string, string>();
  for (let at = 0; at < count; at += 20) {
    const some = Array.from({ length: Math.min(20, count - at) }, (_, i) => `content ${at + i}`);
    const hashes = await Promise.all(some.map((content) => put(workspace, content)));
    for (const [i, sha256] of hashes.entries()) made.set(sha256, some[i] ?? "");
  }
  return made;
}

async function expectReadable(workspace: TestWorkspace, all: Map<string, string>): Promise<void> {
  for (const [sha256, content] of all) expect(await read(workspace, sha256)).toBe(content);
}

function start(command: string, workspace: TestWorkspace): ChildProcess {
  const script = join(import.meta.dirname, "support/key-command.ts");
  const args = [command, world.db.url, world.artifactsFolder, TEST_SECRET, workspace.id];
  return spawn(process.execPath, ["--import", "tsx", script, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Runs the command again and again, killing it a little later each time, until one run gets through. */
async function runUnderKills(command: string, workspace: TestWorkspace): Promise<number> {
  for (let kills = 0; ; kills += 1) {
    const child = start(command, workspace);
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    // Its first line says that it is at work.
    await Promise.race([new Promise((resolve) => child.stdout?.once("data", resolve)), ended]);
    if (kills < 4) {
      await sleep(kills * 3);
      child.kill("SIGKILL");
    }
    if ((await ended) === 0) return kills;
  }
}

it("rotates the key-encryption key: wraps change, bytes and readers do not", async () => {
  const workspace = await world.workspace();
  const before = createKeyring("the first key-encryption key 0001");
  const after = createKeyring("the other key-encryption key 0002", [
    "the first key-encryption key 0001",
  ]);
  const sha256 = await put(workspace, "kept", storeUnder(before));
  expect(await read(workspace, sha256, storeUnder(after))).toBe("kept");
  const only = createKeyring("the other key-encryption key 0002");
  await expect(read(workspace, sha256, storeUnder(only))).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining(before.currentId),
  });
  await expect(rotateKek(workspace.job(), only)).rejects.toMatchObject({ code: "unavailable" });
  expect(await rotateKek(workspace.job(), after)).toBe(1);
  expect(await rotateKek(workspace.job(), after)).toBe(0);
  expect(await read(workspace, sha256, storeUnder(only))).toBe("kept");
  await expect(read(workspace, sha256, storeUnder(before))).rejects.toMatchObject({
    code: "unavailable",
  });
  expect(await actions(workspace)).toEqual(["workspace_key.rewrapped"]);
});

it("rotates a workspace's key while it is read and written, losing nothing", async () => {
  const workspace = await world.workspace();
  const all = await fill(workspace, 1_100);
  const [old] = await keyIds(workspace);
  const late = new Map<string, string>();
  let running = true;
  const writer = (async () => {
    for (let i = 0; running; i += 1) late.set(await put(workspace, `late ${i}`), `late ${i}`);
  })();
  const reader = (async () => {
    for (const [sha256, content] of all) {
      if (!running) return;
      expect(await read(workspace, sha256)).toBe(content);
    }
  })();
  const steps: number[] = [];
  const count = await rotateWorkspaceKey(workspace.job(), testKeyring(), ({ done }) => {
    steps.push(done);
  });
  running = false;
  await Promise.all([writer, reader]);
  expect(count).toBeGreaterThanOrEqual(1_100);
  expect(steps.length).toBeGreaterThanOrEqual(3);
  const now = await keyIds(workspace);
  expect(now).toHaveLength(1);
  expect(now[0]?.keyId).not.toBe(old?.keyId);
  await expectReadable(workspace, late);
  for (const sha256 of [...all.keys()].slice(0, 50)) await read(workspace, sha256);
  expect(await actions(workspace)).toEqual(["workspace_key.retired", "workspace_key.destroyed"]);
}, 180_000);

it("finishes a rotation that was killed at any moment, with every object readable throughout", async () => {
  const workspace = await world.workspace();
  const all = await fill(workspace, 1_600);
  const [old] = await keyIds(workspace);
  const kills = await runUnderKills("rotate", workspace);
  expect(kills).toBeGreaterThan(0);
  const now = await keyIds(workspace);
  expect(now).toEqual([{ keyId: expect.any(String), n: 1_600 }]);
  expect(now[0]?.keyId).not.toBe(old?.keyId);
  await expectReadable(workspace, new Map([...all].slice(0, 100)));
}, 120_000);

it("erases a workspace for good, at once, in every process, and no other one", async () => {
  const [gone, kept] = [await world.workspace(), await world.workspace()];
  const all = await fill(gone, 30);
  const stays = await put(kept, "stays");
  const [sha256 = ""] = all.keys();
  const { objectId } = await world.objects.access(gone.id, sha256);
  const blobs = createFileBlobs(world.artifactsFolder);
  const name = { workspaceId: gone.id, objectId };
  const copy = await buffer((await blobs.read(name, { start: 0, end: 1e6 })).stream);
  const steps: string[] = [];
  const report = await eraseWorkspace(gone.job(), blobs, (what, done) =>
    steps.push(`${what} ${done}`),
  );
  expect(report).toEqual({
    keysDestroyed: 1,
    blobsRemoved: 30,
    objectKeysRemoved: 30,
    left: { workspaceKeys: 0, objectKeys: 0, blobs: 0 },
  });
  expect(steps.at(-1)).toBe("object keys removed 30");
  // Even with the bytes back from a backup of the store, nothing opens.
  await blobs.write(name, Readable.from([copy]), 1e6);
  await expect(read(gone, sha256)).rejects.toMatchObject({ code: "not_found" });
  await expect(put(gone, "new")).rejects.toMatchObject({ code: "conflict" });
  await expect(rotateWorkspaceKey(gone.job(), testKeyring())).rejects.toMatchObject({
    code: "conflict",
  });
  expect((await eraseWorkspace(gone.job(), blobs)).blobsRemoved).toBe(1);
  expect(await readdir(join(world.artifactsFolder, gone.id)).catch(() => [])).toEqual([]);
  expect(await read(kept, stays)).toBe("stays");
  expect(await actions(gone)).toEqual(["artifacts.erased"]);
});

it("keeps an empty workspace erased, too", async () => {
  const workspace = await world.workspace();
  const blobs = createFileBlobs(world.artifactsFolder);
  expect((await eraseWorkspace(workspace.job(), blobs)).keysDestroyed).toBe(0);
  await expect(put(workspace, "new")).rejects.toMatchObject({ code: "conflict" });
});

it("finishes an erasure that was killed, after which nothing could be read any more", async () => {
  const workspace = await world.workspace();
  const all = await fill(workspace, 400);
  await runUnderKills("erase", workspace);
  for (const sha256 of all.keys()) {
    await expect(read(workspace, sha256)).rejects.toMatchObject({ code: "not_found" });
  }
  expect(await keyIds(workspace)).toEqual([]);
  expect(await readdir(join(world.artifactsFolder, workspace.id)).catch(() => [])).toEqual([]);
}, 120_000);
