import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createRun,
  deleteRun,
  getExperiment,
  getRun,
  listRuns,
  logBatch,
  restoreRun,
  updateRun,
} from "@/server/experiments";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import { auditActions } from "../access/people";
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

const audited = async (workspace: TestWorkspace) =>
  (await auditActions(world, workspace.id)).filter((action) => action.startsWith("run."));

const runKey = (workspace: TestWorkspace, runId: string): Context => ({
  ...workspace.as("admin"),
  actor: { type: "apiKey", keyId: newId(), name: "trainer", role: "data_scientist", runId },
});

describe("createRun", () => {
  it("makes the experiment when only its name is known, once for many at a time, and audits", async () => {
    const made = await Promise.all(
      Array.from({ length: 6 }, () =>
        createRun(a.as("data_scientist"), { experimentName: "churn" }),
      ),
    );
    expect(new Set(made.map((run) => run.experimentId)).size).toBe(1);
    expect(made[0]).toMatchObject({ status: "RUNNING", experimentName: "churn", endTime: null });
    expect((await getExperiment(a.as("viewer"), { experiment: "churn" })).runCount).toBe(6);
    expect(await audited(a)).toEqual(Array(6).fill("run.created"));
  });

  it("keeps the name and its tag the same, and invents one where none was given", async () => {
    const named = await createRun(a.as("admin"), { name: "first" });
    expect(named.tags).toEqual([{ key: "mlflow.runName", value: "first" }]);
    const tagged = await createRun(a.as("admin"), {
      tags: [{ key: "mlflow.runName", value: "second" }],
    });
    expect(tagged.name).toBe("second");
    const invented = await createRun(a.as("admin"), {});
    expect(invented.name).toMatch(/^[a-z]+-[a-z]+-\d{1,3}$/);
    await expect(
      createRun(a.as("admin"), { name: "x", tags: [{ key: "mlflow.runName", value: "y" }] }),
    ).rejects.toMatchObject({ code: "validation_failed" });
  });

  it("does not exist for another workspace", async () => {
    const { id } = await createRun(a.as("admin"), {});
    await expect(getRun(b.as("admin"), { runId: id })).rejects.toMatchObject({ code: "not_found" });
    expect((await listRuns(b.as("admin"), {})).items).toEqual([]);
  });

  it("refuses a viewer and a key that belongs to another run", async () => {
    await expect(createRun(a.as("viewer"), {})).rejects.toMatchObject({ code: "forbidden" });
    await expect(createRun(runKey(a, newId()), {})).rejects.toMatchObject({ code: "forbidden" });
  });

  it("answers not_found for an unknown experiment", async () => {
    for (const experimentId of ["77", newId(), "999999999"]) {
      await expect(createRun(a.as("admin"), { experimentId })).rejects.toMatchObject({
        code: "not_found",
      });
    }
  });
});

describe("updateRun", () => {
  it("ends a run now unless told when, and an ended run may run again", async () => {
    const { id } = await createRun(a.as("admin"), {});
    const ended = await updateRun(a.as("data_scientist"), {
      runId: id,
      changes: { status: "FINISHED" },
    });
    expect(ended.endTime).not.toBeNull();
    const again = await updateRun(a.as("admin"), { runId: id, changes: { status: "RUNNING" } });
    expect(again).toMatchObject({ status: "RUNNING", endTime: null });
    const failed = await updateRun(a.as("admin"), {
      runId: id,
      changes: { status: "FAILED", endTime: 1_700_000_000_000, name: "renamed" },
    });
    expect(failed).toMatchObject({
      status: "FAILED",
      endTime: "2023-11-14T22:13:20.000Z",
      name: "renamed",
      tags: [{ key: "mlflow.runName", value: "renamed" }],
    });
    expect(await audited(a)).toEqual(["run.created", ...Array(3).fill("run.updated")]);
  });

  it("finds nothing from another workspace, nor with another run's key", async () => {
    const { id } = await createRun(a.as("admin"), {});
    const changes = { status: "FINISHED" } as const;
    for (const ctx of [b.as("admin"), runKey(a, newId())]) {
      await expect(updateRun(ctx, { runId: id, changes })).rejects.toMatchObject({
        code: "not_found",
      });
    }
    await expect(updateRun(runKey(a, id), { runId: id, changes })).resolves.toMatchObject(changes);
  });

  it("refuses a viewer", async () => {
    const { id } = await createRun(a.as("admin"), {});
    await expect(
      updateRun(a.as("viewer"), { runId: id, changes: { name: "x" } }),
    ).rejects.toMatchObject({ code: "forbidden" });
  });

  it("answers conflict for a deleted run", async () => {
    const { id } = await createRun(a.as("admin"), {});
    await deleteRun(a.as("admin"), { runId: id });
    await expect(
      updateRun(a.as("admin"), { runId: id, changes: { name: "x" } }),
    ).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("deleteRun and restoreRun", () => {
  it("hide a run and bring it back, audited once however often they are called", async () => {
    const { id } = await createRun(a.as("admin"), {});
    await deleteRun(a.as("data_scientist"), { runId: id });
    await deleteRun(a.as("data_scientist"), { runId: id });
    expect((await listRuns(a.as("viewer"), {})).items).toEqual([]);
    expect((await listRuns(a.as("viewer"), { view: "deleted" })).items).toHaveLength(1);
    await restoreRun(a.as("data_scientist"), { runId: id });
    expect((await listRuns(a.as("viewer"), {})).items).toHaveLength(1);
    expect(await audited(a)).toEqual(["run.created", "run.deleted", "run.restored"]);
  });

  it("find nothing from another workspace", async () => {
    const { id } = await createRun(a.as("admin"), {});
    for (const verb of [deleteRun, restoreRun]) {
      await expect(verb(b.as("admin"), { runId: id })).rejects.toMatchObject({ code: "not_found" });
    }
  });

  it("refuse a viewer and the key of the run itself", async () => {
    const { id } = await createRun(a.as("admin"), {});
    for (const verb of [deleteRun, restoreRun]) {
      for (const ctx of [a.as("viewer"), runKey(a, id)]) {
        await expect(verb(ctx, { runId: id })).rejects.toMatchObject({ code: "forbidden" });
      }
    }
  });

  it("take ids that are no ids for runs that do not exist", async () => {
    for (const runId of ["x", "", "' or 1=1", "0".repeat(31), "../../etc"]) {
      await expect(deleteRun(a.as("admin"), { runId })).rejects.toMatchObject({
        code: "not_found",
      });
    }
  });
});

describe("listRuns", () => {
  it("sorts by a metric, runs with NaN and without it last both ways, over pages of one", async () => {
    const values: Record<string, number | undefined> = {
      low: 0.1,
      high: 0.9,
      same: 0.9,
      nan: Number.NaN,
      none: undefined,
      minus: -5,
    };
    for (const [name, value] of Object.entries(values)) {
      const { id } = await createRun(a.as("admin"), { name });
      const metrics = [{ key: "auc", value: value ?? 0, timestamp: 1, step: 0 }];
      if (value !== undefined) await logBatch(a.as("admin"), { runId: id, metrics });
    }
    const names = async (order: "asc" | "desc") => {
      const all: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await listRuns(a.as("viewer"), {
          sort: "metric",
          metric: "auc",
          order,
          limit: 1,
          cursor,
        });
        all.push(...page.items.map((run) => run.name));
        cursor = page.nextCursor ?? undefined;
      } while (cursor);
      return all.map((name) => (name === "same" ? "high" : name));
    };
    expect(await names("desc")).toEqual(["high", "high", "low", "minus", "nan", "none"]);
    expect(await names("asc")).toEqual(["minus", "low", "high", "high", "nan", "none"]);
  });

  it("filters by status and part of the name, and a run's key sees its run only", async () => {
    const one = await createRun(a.as("admin"), { name: "alpha_1" });
    await createRun(a.as("admin"), { name: "alphax1" });
    await updateRun(a.as("admin"), { runId: one.id, changes: { status: "FINISHED" } });
    const found = await listRuns(a.as("viewer"), { search: "ALPHA_", sort: "name", order: "asc" });
    expect(found.items.map((run) => run.name)).toEqual(["alpha_1"]);
    expect((await listRuns(a.as("viewer"), { status: "FINISHED" })).items).toHaveLength(1);
    expect((await listRuns(runKey(a, one.id), {})).items.map((run) => run.id)).toEqual([one.id]);
  });

  it("holds a cursor of another sort, a damaged one and a missing metric against the caller", async () => {
    await createRun(a.as("admin"), {});
    await createRun(a.as("admin"), {});
    const { nextCursor } = await listRuns(a.as("viewer"), { limit: 1 });
    const cursor = nextCursor ?? "";
    await expect(listRuns(a.as("viewer"), { sort: "name", cursor })).rejects.toMatchObject({
      code: "bad_request",
    });
    for (const keys of [["x", "y"], [1, "not a uuid"], [1.5, newId()], []]) {
      const damaged = Buffer.from(JSON.stringify(keys)).toString("base64url");
      await expect(listRuns(a.as("viewer"), { cursor: damaged })).rejects.toMatchObject({
        code: "bad_request",
      });
    }
    await expect(listRuns(a.as("viewer"), { sort: "metric" })).rejects.toMatchObject({
      code: "validation_failed",
    });
  });
});
