import { afterAll, beforeAll, expect, it } from "vitest";
import {
  getModel,
  getVersion,
  listVersionArtifacts,
  listVersions,
  registerVersion,
  updateVersion,
} from "@/server/registry";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { newModel, storeBytes, versionInput } from "./version-input";

let world: TestWorld;
let a: TestWorkspace;
let b: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
  b = await world.workspace();
});
afterAll(() => world.close());

const audited = (action: string, subjectId: string) =>
  asOwner(world.db.ownerUrl, "select 1 from audit_log where action = $1 and subject_id = $2", [
    action,
    subjectId,
  ]);

it("registers version 1 with its artifacts, an audit row and an event", async () => {
  const model = await newModel(a.as("admin"));
  const onnx = await storeBytes(a.job(), "onnx bytes");
  const version = await registerVersion(
    a.job(),
    versionInput(model.id, { artifacts: [{ path: "model.onnx", kind: "model", ...onnx }] }),
  );
  expect(version).toMatchObject({
    number: 1,
    modelName: model.name,
    parentVersionId: null,
    stage: "development",
    durationSeconds: 4,
    inputExample: { age: 31.5, color: "red" },
  });
  expect(await listVersionArtifacts(a.as("viewer"), { model: model.name, version: "1" })).toEqual([
    { path: "model.onnx", kind: "model", ...onnx },
  ]);
  expect(await audited("version.registered", version.id)).toHaveLength(1);
  const events = await asOwner<{ data: object }>(
    world.db.ownerUrl,
    "select data from outbox where name = 'registry/version.registered' and workspace_id = $1",
    [a.id],
  );
  expect(events.at(-1)?.data).toMatchObject({ modelId: model.id, versionId: version.id });
  expect(await getModel(a.as("viewer"), { model: model.id })).toMatchObject({
    latestVersion: 1,
    versionCount: 1,
  });
});

it("gives numbers without gaps and the version before as parent, when many register at once", async () => {
  const model = await newModel(a.as("admin"));
  const made = await Promise.all(
    Array.from({ length: 8 }, () => registerVersion(a.job(), versionInput(model.id))),
  );
  const sorted = made.toSorted((x, y) => x.number - y.number);
  expect(sorted.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(sorted.map(({ parentVersionId }) => parentVersionId)).toEqual([
    null,
    ...sorted.slice(0, -1).map(({ id }) => id),
  ]);
});

it("registers once for a training job, however often its last step is repeated", async () => {
  const model = await newModel(a.as("admin"));
  const input = versionInput(model.id);
  const all = await Promise.all(Array.from({ length: 5 }, () => registerVersion(a.job(), input)));
  expect(new Set(all.map(({ id }) => id)).size).toBe(1);
  expect(await audited("version.registered", all[0]?.id ?? "")).toHaveLength(1);
  const other = await newModel(a.as("admin"));
  await expect(registerVersion(a.job(), { ...input, modelId: other.id })).rejects.toMatchObject({
    code: "conflict",
  });
});

it("refuses artifacts that are not in the store, that repeat a path or lead out of the version", async () => {
  const model = await newModel(a.as("admin"));
  const stored = await storeBytes(a.job(), "here");
  const file = { path: "model.onnx", kind: "model", ...stored };
  const bad = [
    [{ ...file, sha256: "0".repeat(64) }],
    [{ ...file, sizeBytes: 5 }],
    [file, { ...file, kind: "native" }],
    [file, { ...file, path: "second.onnx" }],
  ];
  for (const artifacts of bad) {
    await expect(
      registerVersion(a.job(), versionInput(model.id, { artifacts })),
    ).rejects.toMatchObject({ code: "validation_failed" });
  }
  for (const path of ["../x", "/x", "a//b", "a/./b", "a\\b", "a\0b", "", "a/.."]) {
    await expect(
      registerVersion(a.job(), versionInput(model.id, { artifacts: [{ ...file, path }] })),
    ).rejects.toThrow();
  }
  const foreign = await storeBytes(b.job(), "of another workspace");
  await expect(
    registerVersion(
      a.job(),
      versionInput(model.id, { artifacts: [{ path: "x", kind: "native", ...foreign }] }),
    ),
  ).rejects.toMatchObject({ code: "validation_failed" });
  expect((await getModel(a.as("viewer"), { model: model.id })).versionCount).toBe(0);
});

it("refuses a signature that contradicts itself", async () => {
  const model = await newModel(a.as("admin"));
  const good = versionInput(model.id);
  const signature = { ...good.signature, classes: null };
  await expect(registerVersion(a.job(), { ...good, signature })).rejects.toThrow(/classes/);
});

it("shows a version to nobody outside its workspace and registers nothing across", async () => {
  const model = await newModel(a.as("admin"));
  const version = await registerVersion(a.job(), versionInput(model.id));
  for (const ref of [version.id, "1", "latest"]) {
    await expect(
      getVersion(b.as("admin"), { model: model.id, version: ref }),
    ).rejects.toMatchObject({ code: "not_found" });
  }
  await expect(registerVersion(b.job(), versionInput(model.id))).rejects.toMatchObject({
    code: "not_found",
  });
  const own = await newModel(b.as("admin"));
  await expect(
    getVersion(b.as("admin"), { model: own.id, version: version.id }),
  ).rejects.toMatchObject({ code: "not_found" });
});

it("refuses viewers and operators", async () => {
  const model = await newModel(a.as("admin"));
  for (const role of ["viewer", "operator"] as const) {
    await expect(registerVersion(a.as(role), versionInput(model.id))).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(
      updateVersion(a.as(role), { model: model.id, version: "1", label: "x" }),
    ).rejects.toMatchObject({ code: "forbidden" });
  }
});

it("finds a version by number, id and latest, and nothing by other words", async () => {
  const model = await newModel(a.as("admin"));
  await registerVersion(a.job(), versionInput(model.id));
  const second = await registerVersion(a.job(), versionInput(model.id));
  for (const version of ["2", "latest", second.id]) {
    expect((await getVersion(a.as("viewer"), { model: model.id, version })).id).toBe(second.id);
  }
  for (const version of ["3", "0", "-1", "2.0", "newest", "9999999999", "9999999999999", "1e3"]) {
    await expect(getVersion(a.as("viewer"), { model: model.id, version })).rejects.toMatchObject({
      code: "not_found",
    });
  }
});

it("changes label and description only, and audits both sides", async () => {
  const model = await newModel(a.as("admin"));
  const made = await registerVersion(a.job(), versionInput(model.id, { label: "first" }));
  const ref = { model: model.id, version: "1" };
  const changed = await updateVersion(a.as("data_scientist"), { ...ref, description: "good" });
  expect(changed).toEqual({ ...made, description: "good" });
  expect(await updateVersion(a.as("admin"), { ...ref, label: null })).toMatchObject({
    label: null,
    description: "good",
  });
  expect(await audited("version.updated", made.id)).toHaveLength(2);
  await expect(updateVersion(b.as("admin"), { ...ref, label: "stolen" })).rejects.toMatchObject({
    code: "not_found",
  });
  const sneaky = { ...ref, stage: "production" } as typeof ref;
  await expect(updateVersion(a.as("admin"), sneaky)).rejects.toThrow();
});

it("lists versions newest first without their signatures", async () => {
  const model = await newModel(a.as("admin"));
  for (let i = 0; i < 3; i += 1) await registerVersion(a.job(), versionInput(model.id));
  const page = await listVersions(a.as("viewer"), { model: model.id, limit: 2 });
  expect(page.items.map(({ number }) => number)).toEqual([3, 2]);
  expect(page.items[0]).not.toHaveProperty("signature");
  const rest = await listVersions(a.as("viewer"), {
    model: model.id,
    cursor: page.nextCursor ?? "",
  });
  expect(rest).toMatchObject({ items: [{ number: 1 }], nextCursor: null });
});
