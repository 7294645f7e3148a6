import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { withWorkspace } from "@/db/client";
import { objectKeys } from "@/db/schema";
import { verifyObject } from "@/server/artifacts";
import { TEST_SECRET } from "../support/test-secret";
import { createTestWorld, type TestWorld } from "../support/workspace";

let world: TestWorld;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());

const KILLS = 12;

it("loses no acknowledged object and shows no torn one, killed at any moment", async () => {
  const workspace = await world.workspace();
  const script = join(import.meta.dirname, "support/put-forever.ts");
  const acknowledged: { sha256: string; sizeBytes: number }[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    const child: ChildProcess = spawn(
      process.execPath,
      ["--import", "tsx", script, world.db.url, world.artifactsFolder, TEST_SECRET, workspace.id],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const ended = new Promise((resolve) => child.once("exit", resolve));
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    const first = new Promise<void>((resolve) =>
      lines.on("line", (line) => {
        acknowledged.push(JSON.parse(line));
        resolve();
      }),
    );
    await Promise.race([first, ended]);
    await sleep(kill * 7);
    child.kill("SIGKILL");
    await ended;
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(KILLS);
  for (const object of acknowledged) {
    const bytes = await buffer(await world.objects.get(workspace.id, object.sha256));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(object.sha256);
  }
  const rows = await withWorkspace(workspace.job(), (tx) => tx.select().from(objectKeys));
  expect(rows.length).toBeGreaterThanOrEqual(acknowledged.length);
  for (const row of rows) expect(await verifyObject(workspace.as("admin"), row)).toBe("intact");
}, 120_000);
