import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deployVersion, listDeploymentEvents } from "@/server/deployments";
import { getVersion } from "@/server/registry";
import { versionHistory } from "@/server/registry/history/version-history";
import { listSignatures } from "@/server/registry/signatures/list-signatures";
import { proposeSignature } from "@/server/registry/signatures/propose-signature";
import { setSignature } from "@/server/registry/signatures/set-signature";
import { createStage } from "@/server/registry/stages/create-stage";
import { auditActions } from "../access/people";
import {
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
  rollOutNow,
  slopeModel,
} from "../deployments/support/deployed-world";
import { SIDE } from "../predictions/support/image-model";
import {
  call,
  type PredictionServer,
  startPredictionServer,
  until,
} from "../predictions/support/prediction-server";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import { logVersion, mlmodelOf, scoringNet, slopes } from "./logged-onnx";

let world: DeployedWorld;
let server: PredictionServer;
let a: TestWorkspace;
let b: TestWorkspace;
let key: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  server = await startPredictionServer(world, world.nodes);
  a = await world.workspace();
  b = await world.workspace();
  key = await a.key("admin");
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const PATIENCE_MS = 90_000;
const ref = (model: string) => ({ model, version: "1" });
const ask = (deployment: string, input: object) =>
  call(`${server.url}/api/v1/deployments/${deployment}/predict`, key, { input });

async function deploy(model: string, name: string): Promise<string> {
  const { id } = await getVersion(a.as("admin"), ref(model));
  const asked = { model, versionId: id, name, environment: "development" as const };
  const { deploymentId } = await deployVersion(a.as("admin"), asked);
  await rollOutNow(world, a, deploymentId);
  return deploymentId;
}

describe("an ONNX file that MLflow logged", { timeout: PATIENCE_MS }, () => {
  it("is deployed at once where its graph and MLflow's columns say all", async () => {
    const columns = ["age", "income"].map((name) => ({ type: "double", name, required: true }));
    const files = { MLmodel: mlmodelOf(columns), "model.onnx": slopes() };
    await logVersion(server.url, key, "logged-slopes", files);
    await deploy("logged-slopes", "logged-slopes");
    const answer = await ask("logged-slopes", { age: 1, income: 2 });
    expect(answer).toMatchObject({ status: 200, body: { predictions: [8] } });
    const version = await getVersion(a.as("viewer"), ref("logged-slopes"));
    expect(version).toMatchObject({ task: "regression", signatureRevision: 1, parity: null });
  });

  it("takes images with weights of a file beside it, once somebody said how", async () => {
    const { onnx, weights } = scoringNet();
    const files = { MLmodel: mlmodelOf(), "model.onnx": onnx, "weights.data": weights };
    await logVersion(server.url, key, "logged-net", files);
    await expect(deploy("logged-net", "logged-net")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/does not say all of its signature.*divided by 255/),
    });
    const proposal = await proposeSignature(a.as("admin"), ref("logged-net"));
    expect(proposal).toMatchObject({
      reason: null,
      outputs: { logits: "output" },
      graph: { inputs: [{ name: "input", datatype: "FP32", shape: [-1, 3, SIDE, SIDE] }] },
      signature: {
        task: "classification",
        classes: [0, 1],
        inputs: [{ image: { height: SIDE, width: SIDE, channels: 3, layout: "NCHW" } }],
      },
    });
    expect(proposal.assumptions).toHaveLength(2);
    const { signature, outputs } = proposal;
    if (!signature) throw new Error("nothing was proposed");
    const named = { ...signature, classes: ["cat", "dog"] };
    const said = { ...ref("logged-net"), signature: named, outputs, note: "trained on 0 to 1" };
    const version = await setSignature(a.as("admin"), said);
    expect(version).toMatchObject({ signatureRevision: 1, signature: { classes: ["cat", "dog"] } });
    expect(await auditActions(world, a.id)).toContain("version.signature_changed");
    await deploy("logged-net", "logged-net");
    const photo = await sharp({
      create: { width: SIDE, height: SIDE, channels: 3, background: "#c04020" },
    })
      .png()
      .toBuffer();
    const answer = await ask("logged-net", { input: photo.toString("base64") });
    expect(answer).toMatchObject({
      status: 200,
      body: { predictions: [expect.stringMatching(/cat|dog/)] },
    });
    const [shares] = answer.body.probabilities as [{ cat: number; dog: number }];
    expect(shares.cat + shares.dog).toBeCloseTo(1, 5);
  });

  it("whose weights are not beside it is refused in a sentence", async () => {
    const { onnx, weights } = scoringNet("../elsewhere.data");
    const files = { MLmodel: mlmodelOf(), "model.onnx": onnx, "weights.data": weights };
    await logVersion(server.url, key, "logged-torn", files);
    await expect(proposeSignature(a.as("admin"), ref("logged-torn"))).rejects.toMatchObject({
      code: "validation_failed",
      message: "The model keeps weights in the file ../elsewhere.data, which is not beside it.",
    });
  });
});

describe("a signature that is changed", { timeout: PATIENCE_MS }, () => {
  it("is a new revision that running deployments follow, and callers are asked for first", async () => {
    const made = await deployModel(world, a, "renamed", slopeModel(2));
    const before = await getVersion(a.as("viewer"), ref(made.modelId));
    const { signature } = before;
    const [input] = signature?.inputs ?? [];
    const [feature, ...others] = signature?.features ?? [];
    if (!signature || !input || !feature) throw new Error("the model has a signature");
    const [, ...rest] = input.columns;
    await until(async () => (await ask("renamed", rowOf(signature))).status === 200);
    const renamed = {
      ...signature,
      features: [{ ...feature, name: "Years" }, ...others],
      inputs: [{ ...input, columns: ["Years", ...rest] }],
    };
    const change = { ...ref(made.modelId), signature: renamed, note: "as the form calls it" };
    await expect(setSignature(a.as("admin"), change)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/Callers of renamed would notice: .* is called Years/),
    });
    const accepted = { ...change, acceptBreaking: true, baseRevision: 1 };
    const version = await setSignature(a.as("admin"), accepted);
    expect(version.signatureRevision).toBe(2);
    await until(async () => (await ask("renamed", rowOf(renamed))).status === 200);
    expect((await ask("renamed", rowOf(signature))).status).toBe(422);
    await expect(setSignature(a.as("admin"), accepted)).rejects.toMatchObject({ code: "conflict" });
    const repeated = await setSignature(a.as("admin"), change);
    expect(repeated.signatureRevision).toBe(2);
    const { items } = await listSignatures(a.as("viewer"), ref(made.modelId));
    expect(
      items.map(({ revision, note, changedBy }) => [revision, note, changedBy === null]),
    ).toEqual([
      [2, "as the form calls it", false],
      [1, "", true],
    ]);
    const history = await versionHistory(a.as("viewer"), ref(made.modelId));
    expect(history.items[0]?.sentence).toBe(
      "changed its signature to revision 2: “as the form calls it”",
    );
    const events = await listDeploymentEvents(a.as("viewer"), { deployment: made.deploymentId });
    expect(events.items[0]?.message).toMatch(/signature of version 1 is at revision 2/);
  });

  it("is refused where the file does not answer to it, or nodes would have to load it anew", async () => {
    const made = await deployModel(world, a, "held", slopeModel(3));
    const { signature } = await getVersion(a.as("viewer"), ref(made.modelId));
    const [input] = signature?.inputs ?? [];
    if (!signature || !input) throw new Error("the model has a signature");
    const wider = {
      ...signature,
      features: [...signature.features, { name: "more", type: "number", nullable: false }],
      inputs: [
        { ...input, columns: [...input.columns, "more"], shape: [-1, input.columns.length + 1] },
      ],
    } as typeof signature;
    const change = { ...ref(made.modelId), signature: wider, acceptBreaking: true };
    await expect(setSignature(a.as("admin"), change)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/held would have to load the model anew/),
    });
    await asOwner(
      world.db.ownerUrl,
      "update deployment_variants set status = 'retired' where deployment_id = $1",
      [made.deploymentId],
    );
    await expect(setSignature(a.as("admin"), change)).rejects.toMatchObject({
      code: "validation_failed",
    });
    const still = await getVersion(a.as("viewer"), ref(made.modelId));
    expect(still.signatureRevision).toBe(1);
  });

  it("of an approved version says only more about typical values", async () => {
    const made = await deployModel(world, a, "approved", slopeModel(4));
    const { signature } = await getVersion(a.as("viewer"), ref(made.modelId));
    const [feature, ...others] = signature?.features ?? [];
    if (!signature || !feature) throw new Error("the model has a signature");
    await createStage(a.as("admin"), { key: "reviewed", name: "Reviewed", needsApproval: true });
    await asOwner(
      world.db.ownerUrl,
      "update model_versions set stage = 'reviewed' where workspace_id = $1 and model_id = $2",
      [a.id, made.modelId],
    );
    const target = { ...ref(made.modelId), acceptBreaking: true };
    const typed = { ...signature, features: [{ ...feature, type: "integer" as const }, ...others] };
    await expect(
      setSignature(a.as("admin"), { ...target, signature: typed }),
    ).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/was approved for Reviewed as it is/),
    });
    const ranged = { ...signature, features: [{ ...feature, min: -3, max: 7 }, ...others] };
    const version = await setSignature(a.as("admin"), { ...target, signature: ranged });
    expect(version.signature?.features[0]).toMatchObject({ min: -3, max: 7 });
  });

  it("is neither seen nor changed by another workspace or by somebody who only reads", async () => {
    const made = await deployModel(world, a, "private", slopeModel(5));
    const { signature } = await getVersion(a.as("viewer"), ref(made.modelId));
    if (!signature) throw new Error("the model has a signature");
    const change = { ...ref(made.modelId), signature };
    await expect(setSignature(b.as("admin"), change)).rejects.toMatchObject({ code: "not_found" });
    await expect(proposeSignature(b.as("admin"), ref(made.modelId))).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(listSignatures(b.as("admin"), ref(made.modelId))).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(setSignature(a.as("viewer"), change)).rejects.toMatchObject({ code: "forbidden" });
    const bad = { ...signature, features: [] };
    await expect(setSignature(a.as("admin"), { ...change, signature: bad })).rejects.toThrow();
  });
});

const rowOf = ({ features }: { features: { name: string }[] }) =>
  Object.fromEntries(features.map(({ name }, at) => [name, at + 1]));
