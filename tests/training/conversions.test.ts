import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { deployVersion } from "@/server/deployments";
import type { Context } from "@/server/kernel/context";
import type { ConversionEnd } from "@/server/kernel/ports";
import { getVersion } from "@/server/registry";
import { listConversions, runConversion } from "@/server/training";
import { cancelConversion } from "@/server/training/conversions/cancel-conversion";
import { getConversionSettings } from "@/server/training/conversions/get-settings";
import { setConversionSettings } from "@/server/training/conversions/set-settings";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import { createNativeWorld, type NativeWorld, pickleThatRuns } from "./support/native-world";

let world: NativeWorld;
let a: TestWorkspace;
let b: TestWorkspace;
beforeAll(async () => {
  world = await createNativeWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  a = await world.workspace();
  b = await world.workspace();
});

const ref = { model: "churn", version: "1" };
const deploy = (ctx: Context, versionId: string, name = "churn") =>
  deployVersion(ctx, { model: "churn", versionId, name, environment: "production" });
const logBooster = () =>
  world.log(a, "churn", { flavor: "xgboost", file: "model.ubj", content: "a booster" });
const logPickle = () => world.log(a, "churn", { file: "model.pkl", content: pickleThatRuns("0") });
const newest = async () => (await listConversions(a.as("viewer"), ref)).items[0];

async function audited(workspace: TestWorkspace, action: string): Promise<number> {
  const [row] = await asOwner<{ count: number }>(
    world.db.ownerUrl,
    "select count(*)::int as count from audit_log where workspace_id = $1 and action = $2",
    [workspace.id, action],
  );
  return row?.count ?? 0;
}

/** A job's context whose converter ends as told. */
function jobWith(end: Partial<ConversionEnd>): Context {
  const ctx = a.job();
  const whole = { walls: null, log: "", error: null, result: null, ...end };
  const converter = {
    convert: <T>(_: unknown, __: unknown, use: (e: ConversionEnd) => Promise<T>) => use(whole),
  };
  return { ...ctx, ports: { ...ctx.ports, converter } };
}

describe("deploying a native model", () => {
  it("asks for one conversion, however many deployments wait for it", async () => {
    const versionId = await logBooster();
    await deploy(a.as("ml_engineer"), versionId);
    await deploy(a.as("ml_engineer"), versionId, "second");
    const { items } = await listConversions(a.as("viewer"), ref);
    expect(items).toMatchObject([
      { versionId, status: "queued", flavor: "xgboost", form: "native", attempt: 0, log: "" },
    ]);
    expect(await audited(a, "conversion.requested")).toBe(1);
    await expect(listConversions(b.as("viewer"), ref)).rejects.toMatchObject({ code: "not_found" });
  });

  it("refuses a pickle in words where the workspace allows none, and changes nothing", async () => {
    const versionId = await logPickle();
    await expect(deploy(a.as("ml_engineer"), versionId)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/pickle.*administrator.*Settings, Workspace/),
    });
    expect(await newest()).toBeUndefined();
    await setConversionSettings(a.as("admin"), { allowPickled: true });
    await deploy(a.as("ml_engineer"), versionId);
    expect(await newest()).toMatchObject({ status: "queued", form: "pickle" });
  });

  it("takes a file that says it is skops for no pickle, and a booster's pickle for one", async () => {
    const skops = { file: "model.pkl", content: "zip", format: "skops" };
    await deploy(a.as("admin"), await world.log(a, "churn", skops));
    expect(await newest()).toMatchObject({ form: "skops" });
    const pickled = { flavor: "lightgbm", file: "model.pkl", content: "x" } as const;
    const versionId = await world.log(a, "churn", pickled);
    await expect(deploy(a.as("admin"), versionId, "other")).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("refuses files of no flavor that can be converted", async () => {
    const versionId = await world.log(a, "churn", { file: "gone.pkl", content: "" });
    await asOwner(
      world.db.ownerUrl,
      "delete from model_version_artifacts where version_id = $1 and path = 'gone.pkl'",
      [versionId],
    );
    await expect(deploy(a.as("admin"), versionId)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("no ONNX model"),
    });
  });
});

describe("running a conversion", () => {
  it("fails it with what the sandbox said, keeps the log, and is tried again by deploying", async () => {
    const versionId = await logBooster();
    await deploy(a.as("admin"), versionId);
    const ctx = jobWith({ error: "dart cannot be converted", log: "looked\0 at it" });
    await expect(runConversion(ctx, { versionId })).rejects.toMatchObject({
      code: "validation_failed",
      message: "dart cannot be converted",
    });
    expect(await newest()).toMatchObject({
      status: "failed",
      attempt: 1,
      error: "dart cannot be converted",
      log: "looked at it",
      finishedAt: expect.any(String),
    });
    expect(await audited(a, "conversion.failed")).toBe(1);
    await deploy(a.as("admin"), versionId, "again");
    expect(await newest()).toMatchObject({ status: "queued", attempt: 0 });
  });

  it("trusts neither the description nor the file it is given", async () => {
    const versionId = await logBooster();
    const signature = {
      task: "regression",
      features: [{ name: "a", type: "number", nullable: false }],
      target: { name: "y", type: "number" },
      classes: null,
      inputs: [{ name: "numeric", datatype: "FP64", shape: [-1, 1], columns: ["a"] }],
      outputs: [{ name: "prediction", datatype: "FP64", shape: [-1] }],
    };
    const parity = { rows: 9, maxAbsDiff: 0, labelFlips: 0, tolerance: 1e-5 };
    const whole = { method: "m", parity, signature, inputExample: { inputs: [{ a: 1 }] } };
    const { Readable } = await import("node:stream");
    const onnx = () => Readable.from([Buffer.from("no onnx at all")]);
    const lies: [unknown, RegExp][] = [
      [null, /describes no model/],
      [{ ...whole, parity: { ...parity, tolerance: 1 } }, /describes no model: parity.tolerance/],
      [{ ...whole, parity: { ...parity, maxAbsDiff: 0.5 } }, /does not answer/],
      [{ ...whole, signature: { ...signature, features: [] } }, /describes no model: signature/],
      [whole, /ONNX|model/i],
    ];
    for (const [at, [description, reason]] of lies.entries()) {
      await deploy(a.as("admin"), versionId, `try-${at}`);
      const ctx = jobWith({ result: { onnx, description } });
      await expect(runConversion(ctx, { versionId })).rejects.toMatchObject({
        code: "validation_failed",
        message: expect.stringMatching(reason),
      });
    }
    const version = await getVersion(a.as("viewer"), ref);
    expect([version.signature, version.parity]).toEqual([null, null]);
  });

  it("gives up on a model that ended its worker three times", async () => {
    const versionId = await logBooster();
    await deploy(a.as("admin"), versionId);
    await asOwner(
      world.db.ownerUrl,
      "update model_conversions set status = 'running', attempt = 3 where version_id = $1",
      [versionId],
    );
    await expect(runConversion(jobWith({}), { versionId })).rejects.toMatchObject({
      message: expect.stringContaining("several times"),
    });
    expect(await newest()).toMatchObject({ status: "failed", attempt: 3 });
  });

  it("asks again whether pickles are allowed, for the setting may have changed", async () => {
    await setConversionSettings(a.as("admin"), { allowPickled: true });
    const versionId = await logPickle();
    await deploy(a.as("admin"), versionId);
    await setConversionSettings(a.as("admin"), { allowPickled: false });
    await expect(runConversion(jobWith({}), { versionId })).rejects.toMatchObject({
      code: "validation_failed",
      message: expect.stringContaining("does not allow pickled"),
    });
  });
});

describe("canceling a conversion", () => {
  it("ends the open one, with a trail, for who may deploy; others see none", async () => {
    const versionId = await logBooster();
    await deploy(a.as("admin"), versionId);
    await expect(cancelConversion(b.as("admin"), ref)).rejects.toMatchObject({ code: "not_found" });
    await expect(cancelConversion(a.as("data_scientist"), ref)).rejects.toMatchObject({
      code: "forbidden",
    });
    expect(await cancelConversion(a.as("operator"), ref)).toMatchObject({ status: "canceled" });
    expect(await audited(a, "conversion.canceled")).toBe(1);
    await expect(cancelConversion(a.as("operator"), ref)).rejects.toMatchObject({
      code: "conflict",
    });
    await expect(runConversion(jobWith({}), { versionId })).rejects.toMatchObject({
      code: "conflict",
    });
  });
});

describe("the setting", () => {
  it("is off at first, changed by administrators only, with a trail, each workspace its own", async () => {
    expect(await getConversionSettings(a.as("viewer"))).toEqual({ allowPickled: false });
    for (const role of ["viewer", "data_scientist", "ml_engineer", "operator"] as const) {
      await expect(setConversionSettings(a.as(role), { allowPickled: true })).rejects.toMatchObject(
        {
          code: "forbidden",
        },
      );
    }
    expect(await setConversionSettings(a.as("admin"), { allowPickled: true })).toEqual({
      allowPickled: true,
    });
    expect(await audited(a, "workspace.conversion_settings_changed")).toBe(1);
    expect(await getConversionSettings(b.as("viewer"))).toEqual({ allowPickled: false });
    const wrong = { allowPickled: "yes" } as unknown as { allowPickled: boolean };
    await expect(setConversionSettings(a.as("admin"), wrong)).rejects.toThrow(/boolean/);
  });
});
