import { spawn } from "node:child_process";
import { access, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createModel } from "@/server/registry";
import { asOwner } from "../support/database";
import { TEST_SECRET } from "../support/test-secret";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { addPerson, grepDatabase, grepFolder, type Person } from "./support";

let world: TestWorld;
let home: string;
let one: TestWorkspace;
let two: TestWorkspace;
let person: Person;
beforeAll(async () => {
  world = await createTestWorld();
  home = await mkdtemp(join(tmpdir(), "modelyard-home-"));
  one = await world.workspace("first-team");
  two = await world.workspace("second-team");
  person = await addPerson(world, { name: "Odalys Brook", email: "odalys@command.example" }, [
    { workspace: one, role: "viewer" },
    { workspace: two, role: "admin" },
  ]);
  for (const workspace of [one, two]) {
    const ctx = workspace.as("admin");
    ctx.actor = { type: "user", userId: person.userId, name: person.name, role: "admin" };
    await createModel(ctx, { name: "theirs", type: "regression", framework: "onnx" });
  }
  await asOwner(world.db.ownerUrl, "update workspaces set archived_at = now() where id = $1", [
    two.id,
  ]);
});
afterAll(async () => {
  await world.close();
  await rm(home, { recursive: true, force: true });
});

function command(script: string, ...args: string[]) {
  const env = {
    ...process.env,
    DATABASE_URL: world.db.ownerUrl,
    MODELYARD_SECRET: TEST_SECRET,
    MODELYARD_HOME: home,
    LOG_LEVEL: "silent",
  };
  return new Promise<{ status: number | null; out: string; err: string }>((resolve) => {
    const child = spawn(process.execPath, ["--import", "tsx", `scripts/${script}.ts`, ...args], {
      env,
    });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      err += chunk.toString();
    });
    child.on("close", (status) => resolve({ status, out, err }));
  });
}

/** A work folder of a training, as its backend leaves it. */
async function jobFolder(name: string, isFinished: boolean): Promise<string> {
  const folder = join(home, "training", "jobs", name);
  await mkdir(join(folder, "attempt-1"), { recursive: true });
  await writeFile(join(folder, "attempt-1", "log"), `trained for ${person.email}\n`);
  if (isFinished) await writeFile(join(folder, "finished"), "now");
  return folder;
}

it("exports from every workspace, refuses what a workspace refuses, then erases everywhere", async () => {
  const exported = await command("privacy-export", person.email);
  expect(exported.err).toBe("");
  const records = exported.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const tables = (workspace: string | null) =>
    records.filter((record) => record.workspace === workspace).map((record) => record.table);
  expect(new Set(tables(null))).toEqual(new Set(["users", "user_identities", "sessions"]));
  for (const { id } of [one, two]) {
    expect(tables(id)).toEqual(expect.arrayContaining(["members", "models", "audit_personal"]));
  }
  const ended = await jobFolder("ended", true);
  const running = await jobFolder("running", false);
  const refused = await command("privacy-erase", person.email, "--yes");
  expect(refused.status).not.toBe(0);
  expect(refused.err).toMatch(/needs an administrator/);
  expect(await grepDatabase(world, [person.name])).toContain(`models.created_by: ${person.name}`);
  await addPerson(world, { name: "Heir", email: "heir@command.example" }, [
    { workspace: two, role: "admin" },
  ]);
  const counted = await command("privacy-erase", person.email);
  expect(counted).toMatchObject({ status: 0, err: expect.stringMatching(/Nothing was changed/) });
  expect(await grepDatabase(world, [person.email])).not.toEqual([]);
  const erased = await command("privacy-erase", person.email, "--yes");
  expect(JSON.parse(erased.out.trim().split("\n").at(-1) ?? "")).toEqual({
    trainingFolder: { removed: ["jobs/ended"], left: ["jobs/running"] },
  });
  // A training that still runs keeps its folder, so the command says that it is not done.
  expect(erased.status).toBe(1);
  await expect(access(ended)).rejects.toThrow();
  await writeFile(join(running, "finished"), "now");
  const again = await command("privacy-erase", person.email, "--yes");
  expect(again.status, again.err).toBe(0);
  expect(await grepDatabase(world, [person.name, person.email])).toEqual([]);
  expect(await grepFolder(home, [person.name, person.email])).toEqual([]);
}, 180_000);
