import { afterAll, beforeAll, expect, it } from "vitest";
import { newId } from "@/server/kernel/ids";
import { archivePredictions } from "@/server/predictions";
import { eraseSubject, exportSubject } from "@/server/privacy";
import { DAY_MS, everyPage, oldEntry, writeOldLog } from "../predictions/support/old-log";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let own: TestWorkspace;
let stranger: TestWorkspace;
const deploymentId = newId();
const atMs = Math.floor(Date.now() / DAY_MS) * DAY_MS - 20 * DAY_MS;
const subject = "customer-4711-north";

beforeAll(async () => {
  world = await createTestWorld();
  own = await world.workspace();
  stranger = await world.workspace();
  const lines = (workspace: TestWorkspace) => [
    oldEntry(workspace.id, { atMs, deploymentId, unit: subject }),
    oldEntry(workspace.id, { atMs: atMs + 1, deploymentId, inputs: [{ id: subject, a: 1 }] }),
    oldEntry(workspace.id, { atMs: atMs + 2, deploymentId, unit: `${subject}-east` }),
    oldEntry(workspace.id, { atMs: atMs + 3, deploymentId, inputs: [{ account: 42, a: 2 }] }),
    oldEntry(workspace.id, { atMs: atMs + 4, deploymentId, inputs: [{ account: 421, other: 42 }] }),
    // A day in which nobody else is.
    oldEntry(workspace.id, {
      atMs: atMs + DAY_MS,
      deploymentId,
      error: `no ${subject} here`,
      status: 422,
    }),
  ];
  for (const workspace of [own, stranger]) {
    await writeOldLog(world.db, workspace, lines(workspace));
    expect(await archivePredictions(workspace.job())).toMatchObject({ archived: 6 });
  }
});
afterAll(() => world.close());

const objects = async (workspace: TestWorkspace) =>
  (
    await asOwner<{ sha256: string }>(
      world.db.ownerUrl,
      `select k.sha256 from object_keys k left join artifact_objects o using (workspace_id, sha256)
       left join prediction_archives a using (workspace_id, sha256)
       where k.workspace_id = $1 order by 1`,
      [workspace.id],
    )
  ).map(({ sha256 }) => sha256);

const exported = async (fields: string[] = [], who = subject) => {
  let text = "";
  for await (const piece of await exportSubject(own.as("admin"), { subject: who, fields }))
    text += piece;
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { table: string; record: Record<string, unknown> })
    .filter(({ table }) => table === "prediction_logs");
};

it("hands out archived requests, whole, and only those of the subject", async () => {
  const records = await exported();
  expect(records).toHaveLength(3);
  expect(records[0]?.record).toMatchObject({ unit: subject, inputs: [{ a: 1 }], status: 200 });
  expect(await exported(["account"], "42")).toHaveLength(1);
});

it("counts them in a dry run and changes nothing", async () => {
  const before = await objects(own);
  const { report } = await eraseSubject(own.as("admin"), { subject, dryRun: true });
  expect(report?.tables.find(({ table }) => table === "prediction_logs")?.found).toBe(3);
  expect(await objects(own)).toEqual(before);
});

it("writes archives again without the subject, and the files before are gone", async () => {
  const before = await objects(own);
  const foreign = await objects(stranger);
  const { state, report } = await eraseSubject(own.as("admin"), { subject });
  expect(state).toBe("complete");
  expect(report?.tables.find(({ table }) => table === "prediction_logs")).toMatchObject({
    ...{ found: 3, deleted: 3, changed: 0, left: 0 },
  });
  const after = await objects(own);
  // One was written again, one held nothing else.
  expect(after).toHaveLength(1);
  expect(before).toHaveLength(2);
  expect(before).not.toContain(after[0]);
  for (const sha256 of before) {
    await expect(world.objects.get(own.id, sha256)).rejects.toMatchObject({ code: "not_found" });
  }
  expect(await exported()).toEqual([]);
  const left = await everyPage(own, { order: "asc" });
  expect(left.map(({ unit }) => unit)).toEqual([`${subject}-east`, null, null]);
  expect(await objects(stranger)).toEqual(foreign);
  expect(await everyPage(stranger, {})).toHaveLength(6);
});

it("looks at named inputs only where they are named", async () => {
  const { report } = await eraseSubject(own.as("admin"), { subject: "42", fields: ["account"] });
  expect(report?.tables.find(({ table }) => table === "prediction_logs")?.deleted).toBe(1);
  const left = await everyPage(own, { order: "asc" });
  expect(left.map(({ inputs }) => inputs)).toEqual([[{ a: 1 }], [{ account: 421, other: 42 }]]);
});
