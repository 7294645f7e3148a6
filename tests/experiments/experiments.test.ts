import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createExperiment,
  createRun,
  deleteExperiment,
  deleteExperimentTag,
  getExperiment,
  getRun,
  listExperiments,
  listRuns,
  restoreExperiment,
  setExperimentTag,
  updateExperiment,
} from "@/server/experiments";
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

const audited = (workspace: TestWorkspace) => auditActions(world, workspace.id);

describe("createExperiment", () => {
  it("gives the next number, keeps tags and leaves an audit row", async () => {
    const made = await createExperiment(a.as("data_scientist"), {
      name: "churn",
      tags: [{ key: "team", value: "risk" }],
    });
    expect(made).toMatchObject({ number: 1, name: "churn", runCount: 0, lastRunAt: null });
    expect((await getExperiment(a.as("viewer"), { experiment: "churn" })).tags).toEqual([
      { key: "team", value: "risk" },
    ]);
    expect((await createExperiment(a.as("admin"), { name: "next" })).number).toBe(2);
    expect(await audited(a)).toEqual(["experiment.created", "experiment.created"]);
  });

  it("shows nothing of it to another workspace, and lets that one use the name", async () => {
    const made = await createExperiment(a.as("admin"), { name: "churn" });
    for (const experiment of [made.id, "churn", "1"]) {
      await expect(getExperiment(b.as("admin"), { experiment })).rejects.toMatchObject({
        code: "not_found",
      });
    }
    await expect(createExperiment(b.as("admin"), { name: "churn" })).resolves.toMatchObject({
      number: 1,
    });
  });

  it("refuses a viewer", async () => {
    await expect(createExperiment(a.as("viewer"), { name: "x" })).rejects.toMatchObject({
      code: "forbidden",
    });
  });

  it("answers conflict for a taken name, the default one and those of deleted experiments too", async () => {
    await createExperiment(a.as("admin"), { name: "churn" });
    await deleteExperiment(a.as("admin"), { experiment: "churn" });
    for (const name of ["churn", "Default"]) {
      await expect(createExperiment(a.as("admin"), { name })).rejects.toMatchObject({
        code: "conflict",
      });
    }
  });

  it("numbers experiments without gaps or doubles when many are made at once", async () => {
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, i) => createExperiment(a.as("admin"), { name: `e${i}` })),
    );
    expect(made.map((e) => e.number).toSorted((x, y) => x - y)).toEqual(
      Array.from({ length: 12 }, (_, i) => i + 1),
    );
  });

  it("refuses names that are empty, too long or hold NUL", async () => {
    for (const name of ["", "  ", "x".repeat(501), "a\0b"]) {
      await expect(createExperiment(a.as("admin"), { name })).rejects.toThrow();
    }
    await expect(createExperiment(a.as("admin"), { name: "x".repeat(500) })).resolves.toMatchObject(
      { number: 1 },
    );
  });
});

describe("the default experiment", () => {
  it("exists in a new workspace by number and by name, once", async () => {
    const [byNumber, byName] = await Promise.all([
      getExperiment(a.as("viewer"), { experiment: "0" }),
      getExperiment(a.as("viewer"), { experiment: "Default", byName: true }),
    ]);
    expect(byNumber).toMatchObject({ number: 0, name: "Default" });
    expect(byName.id).toBe(byNumber.id);
  });

  it("takes runs that name no experiment", async () => {
    expect((await createRun(a.as("admin"), {})).experimentNumber).toBe(0);
  });
});

describe("listExperiments", () => {
  it("pages by keyset without loss or repetition, by name and by age, and counts runs", async () => {
    for (const name of ["c", "a", "b"]) await createExperiment(a.as("admin"), { name });
    await createRun(a.as("admin"), { experimentName: "b" });
    for (const sort of ["name", "createdAt"] as const) {
      const names: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await listExperiments(a.as("viewer"), {
          sort,
          order: "asc",
          limit: 1,
          cursor,
        });
        names.push(...page.items.map((e) => `${e.name}${e.runCount}`));
        cursor = page.nextCursor ?? undefined;
      } while (cursor);
      expect(names.toSorted()).toEqual(["Default0", "a0", "b1", "c0"]);
    }
    expect((await listExperiments(a.as("viewer"), { search: "EFAUL" })).items).toHaveLength(1);
    expect((await listExperiments(a.as("viewer"), { search: "%" })).items).toHaveLength(0);
  });

  it("holds a bad cursor against the caller", async () => {
    const cursor = Buffer.from(JSON.stringify(["x", "y"])).toString("base64url");
    await expect(listExperiments(a.as("viewer"), { cursor })).rejects.toMatchObject({
      code: "bad_request",
    });
  });
});

describe("updateExperiment", () => {
  it("renames and describes with an audit row", async () => {
    await createExperiment(a.as("admin"), { name: "churn" });
    const changed = await updateExperiment(a.as("data_scientist"), {
      experiment: "churn",
      changes: { name: "churn 2", description: "weekly" },
    });
    expect(changed).toMatchObject({ name: "churn 2", description: "weekly", number: 1 });
    expect(await audited(a)).toEqual(["experiment.created", "experiment.updated"]);
  });

  it("finds nothing from another workspace", async () => {
    await createExperiment(a.as("admin"), { name: "churn" });
    await expect(
      updateExperiment(b.as("admin"), { experiment: "churn", changes: { name: "x" } }),
    ).rejects.toMatchObject({ code: "not_found" });
  });

  it("refuses a viewer", async () => {
    await expect(
      updateExperiment(a.as("viewer"), { experiment: "0", changes: { name: "x" } }),
    ).rejects.toMatchObject({ code: "forbidden" });
  });

  it("answers conflict for a taken name and for a deleted experiment", async () => {
    await createExperiment(a.as("admin"), { name: "churn" });
    await createExperiment(a.as("admin"), { name: "fraud" });
    await expect(
      updateExperiment(a.as("admin"), { experiment: "churn", changes: { name: "fraud" } }),
    ).rejects.toMatchObject({ code: "conflict" });
    await deleteExperiment(a.as("admin"), { experiment: "churn" });
    await expect(
      updateExperiment(a.as("admin"), { experiment: "churn", changes: { name: "new" } }),
    ).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("deleteExperiment and restoreExperiment", () => {
  it("take the runs along and bring back exactly those", async () => {
    const experiment = "churn";
    const kept = await createRun(a.as("admin"), { experimentName: experiment });
    const gone = await createRun(a.as("admin"), { experimentName: experiment });
    const { deleteRun } = await import("@/server/experiments");
    await deleteRun(a.as("admin"), { runId: gone.id });
    await deleteExperiment(a.as("data_scientist"), { experiment });
    expect((await listRuns(a.as("viewer"), { experiment })).items).toEqual([]);
    expect((await getRun(a.as("viewer"), { runId: kept.id })).deletedAt).not.toBeNull();
    await restoreExperiment(a.as("data_scientist"), { experiment });
    const names = (await listRuns(a.as("viewer"), { experiment })).items.map((run) => run.id);
    expect(names).toEqual([kept.id]);
    expect((await audited(a)).slice(-2)).toEqual(["experiment.deleted", "experiment.restored"]);
  });

  it("find nothing from another workspace", async () => {
    await createExperiment(a.as("admin"), { name: "churn" });
    for (const verb of [deleteExperiment, restoreExperiment]) {
      await expect(verb(b.as("admin"), { experiment: "churn" })).rejects.toMatchObject({
        code: "not_found",
      });
    }
  });

  it("refuse a viewer", async () => {
    for (const verb of [deleteExperiment, restoreExperiment]) {
      await expect(verb(a.as("viewer"), { experiment: "0" })).rejects.toMatchObject({
        code: "forbidden",
      });
    }
  });

  it("answer conflict the second time", async () => {
    await createExperiment(a.as("admin"), { name: "churn" });
    const experiment = "churn";
    await expect(restoreExperiment(a.as("admin"), { experiment })).rejects.toMatchObject({
      code: "conflict",
    });
    await deleteExperiment(a.as("admin"), { experiment });
    await expect(deleteExperiment(a.as("admin"), { experiment })).rejects.toMatchObject({
      code: "conflict",
    });
    await expect(createRun(a.as("admin"), { experimentName: experiment })).rejects.toMatchObject({
      code: "conflict",
    });
  });
});

describe("experiment tags", () => {
  it("are set, replaced and removed, each with an audit row", async () => {
    const tag = { experiment: "0", key: "owner" };
    await setExperimentTag(a.as("data_scientist"), { ...tag, value: "ann" });
    await setExperimentTag(a.as("data_scientist"), { ...tag, value: "bob" });
    expect((await getExperiment(a.as("viewer"), { experiment: "0" })).tags).toEqual([
      { key: "owner", value: "bob" },
    ]);
    await deleteExperimentTag(a.as("data_scientist"), tag);
    expect((await getExperiment(a.as("viewer"), { experiment: "0" })).tags).toEqual([]);
    expect(await audited(a)).toEqual([
      "experiment.tagged",
      "experiment.tagged",
      "experiment.untagged",
    ]);
  });

  it("cannot be reached from another workspace", async () => {
    await createExperiment(a.as("admin"), { name: "churn" });
    const tag = { experiment: "churn", key: "k", value: "v" };
    await expect(setExperimentTag(b.as("admin"), tag)).rejects.toMatchObject({ code: "not_found" });
    await expect(deleteExperimentTag(b.as("admin"), tag)).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("cannot be written by a viewer", async () => {
    const tag = { experiment: "0", key: "k", value: "v" };
    await expect(setExperimentTag(a.as("viewer"), tag)).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(deleteExperimentTag(a.as("viewer"), tag)).rejects.toMatchObject({
      code: "forbidden",
    });
  });

  it("refuse keys that would be other paths, and a missing tag", async () => {
    for (const key of ["../x", "a//b", "/a", "a/", ".", "", "a\0", "x".repeat(251)]) {
      await expect(
        setExperimentTag(a.as("admin"), { experiment: "0", key, value: "v" }),
      ).rejects.toThrow();
    }
    await expect(
      deleteExperimentTag(a.as("admin"), { experiment: "0", key: "none" }),
    ).rejects.toMatchObject({ code: "not_found" });
  });
});
