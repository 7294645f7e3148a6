import { readFile } from "node:fs/promises";
import { parseAllDocuments } from "yaml";
import { constant, onnxModel } from "../node/support/onnx-writer";
import { expect, expectAccessible, rest, test } from "./session";

const NAME = `pods-${Date.now()}`;
let deployment = "";

test.beforeAll(async () => {
  const made = { name: NAME, type: "regression", framework: "onnx" };
  const { id: model } = await rest<{ id: string }>("POST", "/models", made);
  const onnx = onnxModel({
    nodes: [{ op: "MatMul", inputs: ["numeric", "weights"], outputs: ["prediction"] }],
    constants: [constant("weights", "FP64", [2], [2, 1])],
    inputs: [{ name: "numeric", type: "FP64", shape: ["batch", 2] }],
    outputs: [{ name: "prediction", type: "FP64", shape: ["batch"] }],
  });
  const form = new FormData();
  form.set("features", JSON.stringify(["a", "b"]));
  form.set("model", new Blob([new Uint8Array(onnx)]), "model.onnx");
  const version = await rest<{ id: string }>("POST", `/models/${model}/versions`, form);
  const ask = { versionId: version.id, name: NAME, environment: "production" };
  const deployed = await rest<{ deploymentId: string }>("POST", `/models/${model}/deploy`, ask);
  deployment = deployed.deploymentId;
});

test("a deployment's objects for a cluster are chosen, changed, saved and linked to", async ({
  signedIn: page,
}) => {
  await page.goto(`/default/deployments/${deployment}`);
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Run on Kubernetes" }).click();
  await expect(page).toHaveURL(/kubernetes=modelyard/);
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("kind: PodDisruptionBudget")).toBeVisible();
  await expectAccessible(page);

  await dialog.getByRole("tab", { name: "KServe" }).click();
  await expect(page).toHaveURL(/kubernetes=kserve/);
  await expect(dialog.getByText("kind: InferenceService")).toBeVisible();
  const namespace = dialog.getByRole("textbox", { name: "Namespace" });
  await namespace.fill("Not a name");
  await expect(dialog.getByText("must be small letters, digits and dashes")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Download" })).toBeDisabled();
  await namespace.fill("ml-models");
  await expect(dialog.getByText("namespace: ml-models").first()).toBeVisible();
  await expectAccessible(page);

  const download = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Download" }).click();
  const saved = await download;
  expect(saved.suggestedFilename()).toMatch(/^mdy-pods-\d+-[0-9a-f]{10}\.yaml$/);
  const documents = parseAllDocuments(await readFile(await saved.path(), "utf8"));
  expect(documents.map((one) => (one.toJS() as { kind: string }).kind)).toEqual([
    "ServiceAccount",
    "InferenceService",
  ]);

  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(page).not.toHaveURL(/kubernetes=/);
  await page.goto(`/default/deployments/${deployment}?kubernetes=argo-rollout`);
  await expect(page.getByRole("dialog").getByText("kind: Rollout").first()).toBeVisible();
});
