import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createModel } from "@/server/registry";
import { asOwner } from "../support/database";
import { TEST_SECRET } from "../support/test-secret";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let workspace: TestWorkspace;
let home: string;
beforeAll(async () => {
  world = await createTestWorld();
  workspace = await world.workspace("audited");
  home = await mkdtemp(join(tmpdir(), "modelyard-home-"));
  for (const name of ["a", "b", "c"]) {
    await createModel(workspace.as("admin"), { name, type: "regression", framework: "xgboost" });
  }
});
afterAll(async () => {
  await world.close();
  await rm(home, { recursive: true, force: true });
});

function command(...args: string[]) {
  const env = {
    ...process.env,
    DATABASE_URL: world.db.ownerUrl,
    MODELYARD_SECRET: TEST_SECRET,
    MODELYARD_HOME: home,
  };
  const program = ["--import", "tsx", "scripts/audit-verify.ts", ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, program, {
    env,
    encoding: "utf8",
  });
  return { status, text: stdout + stderr };
}

it("verifies, signs, and names the first broken row with exit code 1", async () => {
  const whole = command("--checkpoint");
  expect(whole.text).toContain("✓ audited: 3 rows, 0 checkpoints");
  expect(whole.status).toBe(0);
  expect(command("audited").text).toContain("✓ audited: 3 rows, 1 checkpoints");
  expect(command("nobody").text).toContain("There is no workspace nobody");
  await asOwner(world.db.ownerUrl, "delete from audit_log where workspace_id = $1 and seq = 3", [
    workspace.id,
  ]);
  const cut = command();
  expect(cut.text).toContain("✗ audited: row 3 is broken: rows up to 3 were signed");
  expect(cut.status).toBe(1);
}, 180_000);
