import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createExperiment, createRun, getRun, logBatch } from "@/server/experiments";
import { archiveRuns, moveRuns, purgeRuns, restoreRuns, tagRuns } from "@/server/experiments/bulk";
import { deleteView, listViews, saveView } from "@/server/experiments/views";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let a: TestWorkspace;
let b: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  a = await world.workspace();
  b = await world.workspace();
});

const threeRuns = async (workspace = a): Promise<string[]> => {
  const ids: string[] = [];
  for (const name of ["one", "two", "three"]) {
    ids.push((await createRun(workspace.as("admin"), { name })).id);
  }
  return ids;
};

const audited = async (subject: string) =>
  (
    await asOwner<{ action: string }>(
      world.db.ownerUrl,
      "select action from audit_log where workspace_id = $1 and subject_type = $2 order by seq",
      [a.id, subject],
    )
  ).map((row) => row.action);

const verbs = {
  archiveRuns: (ctx: Parameters<typeof archiveRuns>[0], runIds: string[]) =>
    archiveRuns(ctx, { runIds }),
  restoreRuns: (ctx: Parameters<typeof archiveRuns>[0], runIds: string[]) =>
    restoreRuns(ctx, { runIds }),
  purgeRuns: (ctx: Parameters<typeof archiveRuns>[0], runIds: string[]) =>
    purgeRuns(ctx, { runIds }),
  moveRuns: (ctx: Parameters<typeof archiveRuns>[0], runIds: string[]) =>
    moveRuns(ctx, { runIds, experiment: "0" }),
  tagRuns: (ctx: Parameters<typeof archiveRuns>[0], runIds: string[]) =>
    tagRuns(ctx, { runIds, set: [{ key: "team", value: "red" }] }),
};

describe.each(Object.entries(verbs))("%s", (_name, verb) => {
  it("sees no run of another workspace and then changes none of the others", async () => {
    const own = await threeRuns();
    const [foreign = ""] = await threeRuns(b);
    const before = await Promise.all(own.map((runId) => getRun(a.as("viewer"), { runId })));
    await expect(verb(a.as("admin"), [...own, foreign])).rejects.toMatchObject({
      code: "not_found",
    });
    const after = await Promise.all(own.map((runId) => getRun(a.as("viewer"), { runId })));
    expect(after).toEqual(before);
  });

  it("is forbidden to who may only read", async () => {
    await expect(verb(a.as("viewer"), await threeRuns())).rejects.toMatchObject({
      code: "forbidden",
    });
  });

  it("refuses an empty list and more than 1,000 runs", async () => {
    await expect(verb(a.as("admin"), [])).rejects.toThrow();
    await expect(verb(a.as("admin"), Array(1001).fill("x"))).rejects.toThrow();
  });
});

describe("archive and restore", () => {
  it("hide and bring back, answer only what changed, and audit each run", async () => {
    const [one = "", two = "", three = ""] = await threeRuns();
    expect(await archiveRuns(a.as("admin"), { runIds: [one] })).toEqual({ runIds: [one] });
    const rest = await archiveRuns(a.as("admin"), { runIds: [one, two, three, three] });
    expect(rest.runIds.toSorted()).toEqual([two, three].toSorted());
    expect((await getRun(a.as("admin"), { runId: two })).deletedAt).not.toBeNull();
    const back = await restoreRuns(a.as("admin"), { runIds: [one, two] });
    expect(back.runIds).toHaveLength(2);
    expect(await audited("run")).toEqual([
      ...Array(3).fill("run.created"),
      ...Array(3).fill("run.deleted"),
      ...Array(2).fill("run.restored"),
    ]);
  });
});

describe("purgeRuns", () => {
  it("leaves no row of an archived run in any table", async () => {
    const [one = "", two = ""] = await threeRuns();
    await logBatch(a.as("admin"), {
      runId: one,
      metrics: [{ key: "loss", value: 1, timestamp: 1, step: 1 }],
      params: [{ key: "lr", value: "0.1" }],
    });
    await archiveRuns(a.as("admin"), { runIds: [one] });
    await purgeRuns(a.as("admin"), { runIds: [one] });
    await expect(getRun(a.as("admin"), { runId: one })).rejects.toMatchObject({
      code: "not_found",
    });
    for (const table of ["run_metrics", "run_latest_metrics", "run_params", "run_tags"]) {
      const rows = await asOwner(world.db.ownerUrl, `select 1 from ${table} where run_id = $1`, [
        one,
      ]);
      expect(rows, table).toEqual([]);
    }
    expect((await getRun(a.as("admin"), { runId: two })).name).toBe("two");
    expect((await audited("run")).at(-1)).toBe("run.purged");
  });

  it("refuses an active run and deletes none of the others", async () => {
    const [one = "", two = ""] = await threeRuns();
    await archiveRuns(a.as("admin"), { runIds: [one] });
    await expect(purgeRuns(a.as("admin"), { runIds: [one, two] })).rejects.toMatchObject({
      code: "conflict",
    });
    expect((await getRun(a.as("admin"), { runId: one })).name).toBe("one");
  });
});

describe("moveRuns", () => {
  it("changes the experiment and nothing else, and does nothing the second time", async () => {
    const [one = "", two = ""] = await threeRuns();
    const target = await createExperiment(a.as("admin"), { name: "target" });
    const before = await getRun(a.as("admin"), { runId: one });
    await moveRuns(a.as("admin"), { runIds: [one, two], experiment: target.id });
    expect(await getRun(a.as("admin"), { runId: one })).toEqual({
      ...before,
      experimentId: target.id,
      experimentNumber: target.number,
      experimentName: "target",
    });
    const again = await moveRuns(a.as("admin"), { runIds: [one], experiment: "target" });
    expect(again.runIds).toEqual([]);
  });
});

describe("tagRuns", () => {
  it("sets, replaces and removes tags of all runs, and renames by the name's tag", async () => {
    const runIds = (await threeRuns()).slice(0, 2);
    await tagRuns(a.as("admin"), {
      runIds,
      set: [
        { key: "team", value: "red" },
        { key: "mlflow.runName", value: "same" },
      ],
    });
    await tagRuns(a.as("admin"), {
      runIds,
      set: [{ key: "stage", value: "x" }],
      remove: ["team", "none"],
    });
    for (const runId of runIds) {
      const run = await getRun(a.as("admin"), { runId });
      expect(run.name).toBe("same");
      expect(run.tags).toEqual([
        { key: "mlflow.runName", value: "same" },
        { key: "stage", value: "x" },
      ]);
    }
    await expect(
      tagRuns(a.as("admin"), { runIds, remove: ["mlflow.runName"] }),
    ).rejects.toMatchObject({ code: "validation_failed" });
  });
});

describe("views", () => {
  const page = "experiment:1";

  it("are kept under a name, replaced by the same name, listed by page, and audited", async () => {
    const first = await saveView(a.as("data_scientist"), { page, name: "best", state: { q: "1" } });
    const again = await saveView(a.as("admin"), { page, name: "best", state: { q: "2" } });
    expect(again).toMatchObject({ id: first.id, state: { q: "2" }, createdBy: first.createdBy });
    await saveView(a.as("admin"), { page: "other", name: "best", state: {} });
    expect((await listViews(a.as("viewer"), { page })).items).toEqual([again]);
    await deleteView(a.as("admin"), { view: first.id });
    expect((await listViews(a.as("viewer"), { page })).items).toEqual([]);
    expect(await audited("view")).toEqual([
      "view.created",
      "view.updated",
      "view.created",
      "view.deleted",
    ]);
  });

  it("belong to one workspace, and who may only read changes none", async () => {
    const { id } = await saveView(a.as("admin"), { page, name: "ours", state: {} });
    expect((await listViews(b.as("admin"), { page })).items).toEqual([]);
    await expect(deleteView(b.as("admin"), { view: id })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(deleteView(a.as("viewer"), { view: id })).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(saveView(a.as("viewer"), { page, name: "mine", state: {} })).rejects.toMatchObject(
      { code: "forbidden" },
    );
  });

  it("end at 100 a page", async () => {
    await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        saveView(a.as("admin"), { page, name: `v${i}`, state: {} }),
      ),
    );
    await expect(
      saveView(a.as("admin"), { page, name: "one more", state: {} }),
    ).rejects.toMatchObject({ code: "conflict" });
    await saveView(a.as("admin"), { page, name: "v1", state: { q: "still" } });
  });
});
