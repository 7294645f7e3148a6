import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createModel,
  getModel,
  registerVersion,
  requestStage,
  updateModel,
} from "@/server/registry";
import { draftCard } from "@/server/registry/cards/draft-card";
import { getCardRevision, listCardRevisions } from "@/server/registry/cards/list-card-revisions";
import { writeCard } from "@/server/registry/cards/write-card";
import { versionHistory } from "@/server/registry/history/version-history";
import { listSemanticVersions } from "@/server/registry/semantic-versions/list-semantic-versions";
import { setSemanticVersion } from "@/server/registry/semantic-versions/set-semantic-version";
import { auditActions, memberContext } from "../access/people";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { versionInput } from "./version-input";

let world: TestWorld;
let a: TestWorkspace;
let b: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
  b = await world.workspace();
});
afterAll(() => world.close());

async function model(versions: number) {
  const made = await createModel(a.as("admin"), {
    name: `m-${randomUUID().slice(0, 8)}`,
    type: "classification",
    framework: "scikit-learn",
  });
  for (let i = 0; i < versions; i += 1) await registerVersion(a.job(), versionInput(made.id));
  return made.id;
}

describe("a semantic version", () => {
  it("is one version's of the model, audited, and ordered as semver.org orders", async () => {
    const id = await model(3);
    const set = (version: string, semanticVersion: string | null) =>
      setSemanticVersion(a.as("data_scientist"), { model: id, version, semanticVersion });
    expect(await set("1", "1.9.0")).toMatchObject({ semanticVersion: "1.9.0" });
    await set("2", "1.10.0");
    await set("3", "1.10.0-rc.1");
    await expect(set("3", "1.9.0")).rejects.toMatchObject({ code: "conflict" });
    await set("1", "1.9.0");
    const list = await listSemanticVersions(a.as("viewer"), { model: id });
    expect(list.items.map((one) => [one.semanticVersion, one.number])).toEqual([
      ["1.10.0", 2],
      ["1.10.0-rc.1", 3],
      ["1.9.0", 1],
    ]);
    expect(list.next).toEqual({ patch: "1.10.1", minor: "1.11.0", major: "2.0.0" });
    expect(await set("2", null)).toMatchObject({ semanticVersion: null });
    await set("1", "1.10.0");
    expect((await auditActions(world, a.id)).at(-1)).toBe("version.labelled");
  });

  it("counts up without doubles when many ask for the next one", async () => {
    const id = await model(4);
    const made = await Promise.all(
      ["1", "2", "3", "4"].map((version) =>
        setSemanticVersion(a.as("admin"), { model: id, version, next: "minor" }),
      ),
    );
    expect(made.map(({ semanticVersion }) => semanticVersion).toSorted()).toEqual([
      "0.1.0",
      "0.2.0",
      "0.3.0",
      "0.4.0",
    ]);
  });

  it("is refused where it is none, for viewers, and in another workspace", async () => {
    const ref = { model: await model(1), version: "1" };
    for (const bad of ["v1.0.0", "1.0", "1.0.0+b", "latest"]) {
      await expect(
        setSemanticVersion(a.as("admin"), { ...ref, semanticVersion: bad }),
      ).rejects.toThrow();
    }
    for (const bad of [{}, { semanticVersion: "1.0.0", next: "major" as const }]) {
      await expect(setSemanticVersion(a.as("admin"), { ...ref, ...bad })).rejects.toThrow();
    }
    await expect(
      setSemanticVersion(a.as("viewer"), { ...ref, next: "major" }),
    ).rejects.toMatchObject({ code: "forbidden" });
    await expect(
      setSemanticVersion(b.as("admin"), { ...ref, next: "major" }),
    ).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("a model card", () => {
  it("keeps every text with who wrote it, whichever way it was written", async () => {
    const id = await model(0);
    const ada = await memberContext(world, a, "data_scientist", "Ada");
    expect(await writeCard(ada, { model: id, content: "# One", baseRevision: 0 })).toMatchObject({
      revision: 1,
      writtenBy: { name: "Ada" },
    });
    await updateModel(a.as("admin"), { model: id, card: "# Two" });
    await updateModel(a.as("admin"), { model: id, description: "no new card" });
    expect((await getModel(a.as("viewer"), { model: id })).card).toBe("# Two");
    const first = await listCardRevisions(a.as("viewer"), { model: id, limit: 1 });
    expect(first.items).toMatchObject([{ revision: 2, characters: 5 }]);
    const rest = await listCardRevisions(a.as("viewer"), {
      model: id,
      cursor: first.nextCursor ?? "",
    });
    expect(rest).toMatchObject({ items: [{ revision: 1 }], nextCursor: null });
    expect(await getCardRevision(a.as("viewer"), { model: id, revision: 1 })).toMatchObject({
      content: "# One",
    });
    expect(await auditActions(world, a.id)).toContain("model.card_written");
  });

  it("is not overwritten by who did not see the newest text", async () => {
    const id = await model(0);
    const ctx = a.as("admin");
    await writeCard(ctx, { model: id, content: "one", baseRevision: 0 });
    await expect(
      writeCard(ctx, { model: id, content: "two", baseRevision: 0 }),
    ).rejects.toMatchObject({ code: "conflict" });
    const both = await Promise.allSettled(
      ["x", "y"].map((content) => writeCard(ctx, { model: id, content, baseRevision: 1 })),
    );
    expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("has a size, an author with the right, and a workspace", async () => {
    const id = await model(0);
    await expect(
      writeCard(a.as("admin"), { model: id, content: "x".repeat(200_001) }),
    ).rejects.toThrow();
    await expect(writeCard(a.as("viewer"), { model: id, content: "x" })).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(writeCard(b.as("admin"), { model: id, content: "x" })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(getCardRevision(a.as("viewer"), { model: id, revision: 1 })).rejects.toMatchObject(
      { code: "not_found" },
    );
  });

  it("begins with what the version knows, none of it acting as Markdown", async () => {
    const id = await model(0);
    await registerVersion(a.job(), versionInput(id, { algorithm: "<b>[x](y)</b>" }));
    const { content } = await draftCard(a.as("viewer"), { model: id, version: "1" });
    expect(content).toContain("- Algorithm: \\<b\\>\\[x\\]\\(y\\)\\</b\\>");
    expect(content).toContain("| accuracy | 0.9 | 0.88 |");
    expect(content).toContain("- age: number");
    expect(content).toContain("Over 100 rows the ONNX file differs");
  });
});

it("tells a version's history in words, newest first, with the hashes of the trail", async () => {
  const id = await model(1);
  const ref = { model: id, version: "1" };
  const ada = await memberContext(world, a, "data_scientist", "Ada");
  await setSemanticVersion(ada, { ...ref, semanticVersion: "1.0.0" });
  await requestStage(ada, { ...ref, stage: "testing" });
  const { items } = await versionHistory(a.as("viewer"), ref);
  expect(items.map(({ actor, sentence }) => `${actor.name} ${sentence}`)).toEqual([
    "Ada moved it from development to testing",
    "Ada gave it the semantic version 1.0.0",
    "test registered version 1",
  ]);
  expect(items.every(({ hash }) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);
  const first = await versionHistory(a.as("viewer"), { ...ref, limit: 2 });
  const second = await versionHistory(a.as("viewer"), { ...ref, cursor: first.nextCursor ?? "" });
  expect([...first.items, ...second.items]).toEqual(items);
  await expect(versionHistory(b.as("admin"), ref)).rejects.toMatchObject({ code: "not_found" });
});
