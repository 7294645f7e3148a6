import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createFileBlobs, createKeyring, createObjectStore } from "@/server/artifacts";
import { TEST_SECRET } from "../support/test-secret";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

const KEK = "a key-encryption key for the commands";

let world: TestWorld;
let home: string;
let a: TestWorkspace;
let sha256: string;
beforeAll(async () => {
  world = await createTestWorld();
  home = await mkdtemp(join(tmpdir(), "modelyard-keys-"));
  await symlink(world.artifactsFolder, join(home, "artifacts"));
  a = await world.workspace();
  ({ sha256 } = await world.objects.put(a.id, Readable.from([Buffer.from("kept")]), 100));
});
afterAll(async () => {
  await world.close();
  await rm(home, { recursive: true, force: true });
});

function run(script: string, args: string[] = [], settings: Record<string, string> = {}) {
  const child = spawn(process.execPath, ["--import", "tsx", `scripts/${script}.ts`, ...args], {
    env: {
      ...process.env,
      DATABASE_URL: world.db.url,
      MODELYARD_SECRET: TEST_SECRET,
      MODELYARD_HOME: home,
      ...settings,
    },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      said += chunk;
    });
  }
  return new Promise<{ code: number | null; said: string }>((resolve) =>
    child.once("exit", (code) => resolve({ code, said })),
  );
}
const read = (kek: string) =>
  createObjectStore({
    db: world.db,
    blobs: createFileBlobs(world.artifactsFolder),
    keyring: createKeyring(kek),
  })
    .get(a.id, sha256)
    .then(text);

it("keys:rotate-kek moves every workspace to the new key and says how far it is", async () => {
  const { code, said } = await run("rotate-kek", [], { MODELYARD_KEK: KEK });
  expect({ code, said }).toMatchObject({ code: 0, said: expect.stringContaining("1 of 1") });
  expect(said).toContain("1 workspace keys were wrapped anew");
  expect(await read(KEK)).toBe("kept");
  await expect(read(TEST_SECRET)).rejects.toMatchObject({ code: "unavailable" });
  // Back to the secret, the other one as the earlier key.
  const back = await run("rotate-kek", [], { MODELYARD_KEK_PREVIOUS: KEK });
  expect(back.code).toBe(0);
  expect(await read(TEST_SECRET)).toBe("kept");
});

it("keys:rotate-workspace gives one workspace a new key", async () => {
  const { code, said } = await run("rotate-workspace-key", [a.slug]);
  expect({ code, said }).toMatchObject({ code: 0, said: expect.stringContaining("1 of 1") });
  expect(await read(TEST_SECRET)).toBe("kept");
  const wrong = await run("rotate-workspace-key", ["no-such"]);
  expect(wrong).toMatchObject({ code: 1, said: expect.stringContaining(`Workspaces: ${a.slug}`) });
});

it("keys:erase-workspace wants the name twice, then leaves nothing", async () => {
  expect((await run("erase-workspace", [a.slug])).code).toBe(1);
  expect((await run("erase-workspace", [a.slug, "--confirm=other"])).code).toBe(1);
  expect(await read(TEST_SECRET)).toBe("kept");
  const { code, said } = await run("erase-workspace", [a.slug, `--confirm=${a.slug}`]);
  expect({ code, said }).toMatchObject({
    code: 0,
    said: expect.stringContaining("Left: 0 keys, 0 object keys, 0 blobs"),
  });
  await expect(read(TEST_SECRET)).rejects.toMatchObject({ code: "not_found" });
  expect(await readdir(join(world.artifactsFolder, a.id)).catch(() => [])).toEqual([]);
});
