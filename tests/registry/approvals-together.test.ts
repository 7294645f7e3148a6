import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGrant } from "@/server/access";
import {
  deleteModel,
  deleteVersion,
  expireApproval,
  getApproval,
  registerVersion,
  requestStage,
} from "@/server/registry";
import { listApprovals } from "@/server/registry/approvals/list-approvals";
import { reviewApproval } from "@/server/registry/approvals/review-approval";
import { withdrawApproval } from "@/server/registry/approvals/withdraw-approval";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorld } from "../support/workspace";
import { ask, events, stageOf } from "./approval-requests";
import { governedWorkspace } from "./governed-world";
import { versionInput } from "./version-input";

let world: TestWorld;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());

describe("grants of a model", () => {
  it("narrow who asks and who reviews", async () => {
    const w = await governedWorkspace(world);
    const ref = await w.version();
    const admin = w.as("admin");
    const grant = (action: "write" | "review", grantee: string) =>
      createGrant(admin, { modelId: ref.model, action, granteeType: "user", grantee });
    await grant("write", w.reviewer.userId);
    await expect(ask(w.asker, ref)).rejects.toMatchObject({ code: "forbidden" });
    await grant("write", w.asker.userId);
    const approval = await ask(w.asker, ref);
    await grant("review", w.other.userId);
    const yes = { approval, decision: "approve" } as const;
    await expect(reviewApproval(w.reviewer, yes)).rejects.toMatchObject({ code: "forbidden" });
    expect(await reviewApproval(w.other, yes)).toMatchObject({ state: "approved" });
  });
});

describe("the stage's holders", () => {
  it("are archived on entry where the stage says so, and as the request says against it", async () => {
    const w = await governedWorkspace(world, { needsApproval: false, archivesPrevious: true });
    const ref = await w.version();
    for (let i = 0; i < 2; i += 1) await registerVersion(w.job(), versionInput(ref.model));
    const move = (version: string, archivePrevious?: boolean) =>
      requestStage(w.asker, {
        model: ref.model,
        version,
        stage: "production",
        ...(archivePrevious === undefined ? {} : { archivePrevious }),
      });
    const stages = () =>
      Promise.all(["1", "2", "3"].map((version) => stageOf(w.asker, { ...ref, version })));
    await move("1");
    await move("2", false);
    expect(await stages()).toEqual(["production", "production", "development"]);
    await move("3");
    expect(await stages()).toEqual(["archived", "archived", "production"]);
    const [last] = await asOwner<{ after: object }>(
      world.db.ownerUrl,
      "select after from audit_log where workspace_id = $1 and subject_id = $2 order by seq desc",
      [w.id, ref.id],
    );
    expect(last?.after).toMatchObject({ stage: "archived", replacedBy: expect.any(String) });
  });
});

it("closes requests with the version or model they are about, and keeps them readable", async () => {
  const w = await governedWorkspace(world);
  const [one, two] = [await w.version(), await w.version()];
  const [first, second] = [await ask(w.asker, one), await ask(w.asker, two)];
  await deleteVersion(w.as("admin"), { model: one.model, version: "1" });
  await deleteModel(w.as("admin"), { model: two.model });
  for (const [approval, closeReason] of [
    [first, "The version was deleted."],
    [second, "The model was deleted."],
  ] as const) {
    expect(await getApproval(w.reviewer, { approval })).toMatchObject({
      state: "expired",
      closeReason,
      gatesNow: null,
    });
    await expireApproval(w.job(), approval);
  }
  await expect(
    reviewApproval(w.reviewer, { approval: first, decision: "approve" }),
  ).rejects.toMatchObject({ code: "conflict" });
  await expect(
    reviewApproval(w.reviewer, { approval: second, decision: "approve" }),
  ).rejects.toMatchObject({ code: "not_found" });
});

describe("at the same time", () => {
  it("two reviewers move a version once", async () => {
    const w = await governedWorkspace(world, { reviewers: { count: 2 } });
    const ref = await w.version();
    const approval = await ask(w.asker, ref);
    const yes = { approval, decision: "approve" } as const;
    const all = await Promise.allSettled([
      reviewApproval(w.reviewer, yes),
      reviewApproval(w.reviewer, yes),
      reviewApproval(w.other, yes),
      reviewApproval(w.other, yes),
    ]);
    expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
    expect(await events(world, w.id, "registry/version.stage_changed")).toHaveLength(1);
    expect(await getApproval(w.asker, { approval })).toMatchObject({ state: "approved" });
  });

  it("one approves and one rejects: the outcome is one of both, never half", async () => {
    const w = await governedWorkspace(world);
    const ref = await w.version();
    const approval = await ask(w.asker, ref);
    await Promise.allSettled([
      reviewApproval(w.reviewer, { approval, decision: "approve" }),
      reviewApproval(w.other, { approval, decision: "reject" }),
    ]);
    const { state, reviews } = await getApproval(w.asker, { approval });
    expect(reviews).toHaveLength(1);
    expect([state, await stageOf(w.asker, ref)]).toEqual(
      state === "approved" ? ["approved", "production"] : ["rejected", "development"],
    );
  });

  it("many ask for one version: one request", async () => {
    const w = await governedWorkspace(world);
    const ref = await w.version();
    const ids = await Promise.all([w.asker, w.asker, w.reviewer].map((ctx) => ask(ctx, ref)));
    expect(new Set(ids).size).toBe(1);
  });
});

it("lists requests by state, model and version, a page at a time", async () => {
  const w = await governedWorkspace(world);
  const first = await w.version();
  const approval = await ask(w.asker, first);
  await withdrawApproval(w.asker, { approval });
  const second = await ask(w.asker, first);
  const third = await ask(w.asker, await w.version());
  const ids = async (input: Parameters<typeof listApprovals>[1]) =>
    (await listApprovals(w.as("viewer"), input)).items.map(({ id }) => id);
  expect(await ids({})).toEqual([third, second, approval]);
  expect(await ids({ state: "open" })).toEqual([third, second]);
  expect(await ids({ state: "withdrawn", model: first.model })).toEqual([approval]);
  expect(await ids({ model: first.model, version: "1", order: "asc" })).toEqual([approval, second]);
  const page = await listApprovals(w.as("viewer"), { limit: 2 });
  expect(await ids({ limit: 2, cursor: page.nextCursor ?? "" })).toEqual([approval]);
  await expect(listApprovals(w.as("viewer"), { version: "1" })).rejects.toMatchObject({
    code: "validation_failed",
  });
});
