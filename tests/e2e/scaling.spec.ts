import { constant, onnxModel } from "../node/support/onnx-writer";
import { expect, expectAccessible, rest, test } from "./session";

const PATIENCE_MS = 60_000;
const NAME = `scaling-${Date.now()}`;
let deployment = "";

/** prediction = 2 × a + b. */
const model = onnxModel({
  nodes: [{ op: "MatMul", inputs: ["numeric", "weights"], outputs: ["prediction"] }],
  constants: [constant("weights", "FP64", [2], [2, 1])],
  inputs: [{ name: "numeric", type: "FP64", shape: ["batch", 2] }],
  outputs: [{ name: "prediction", type: "FP64", shape: ["batch"] }],
});

interface Detail {
  status: string;
  replicas: number;
  isAutoscaled: boolean;
}
const read = () => rest<Detail>("GET", `/deployments/${deployment}`);
const scale = (scaling: object) =>
  rest("PATCH", `/deployments/${deployment}/settings`, { scaling });

test.beforeAll(async () => {
  test.setTimeout(120_000);
  const made = { name: NAME, type: "regression", framework: "onnx" };
  const { id } = await rest<{ id: string }>("POST", "/models", made);
  const form = new FormData();
  form.set("features", JSON.stringify(["a", "b"]));
  form.set("model", new Blob([new Uint8Array(model)]), "model.onnx");
  const version = await rest<{ id: string }>("POST", `/models/${id}/versions`, form);
  const ask = { versionId: version.id, name: NAME, environment: "production" };
  const deployed = await rest<{ deploymentId: string }>("POST", `/models/${id}/deploy`, ask);
  deployment = deployed.deploymentId;
  await expect.poll(async () => (await read()).status, { timeout: PATIENCE_MS }).toBe("active");
});

test("a deployment follows its load, rests without requests, wakes with one, and is scaled by hand again", async ({
  signedIn: page,
}) => {
  test.setTimeout(240_000);
  await page.goto(`/default/deployments/${deployment}`);
  const button = page.getByRole("button", { name: "Scale", exact: true });
  await button.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Scale this deployment" });
  await dialog.getByRole("button", { name: "By load" }).click();
  await dialog.getByLabel("At least").fill("5");
  await dialog.getByLabel("At most").fill("2");
  await dialog.getByRole("button", { name: "Scale" }).click();
  await expect(dialog.getByText("must be at least minReplicas")).toBeVisible();
  await dialog.getByLabel("At least").fill("0");
  await expect(dialog.getByText(/its versions leave the nodes/)).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Scale" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("button", { name: "View as table: Replicas" })).toBeVisible({
    timeout: PATIENCE_MS,
  });
  expect(await read()).toMatchObject({ isAutoscaled: true });

  await scale({ scaleToZeroAfterSeconds: 5, stableWindowSeconds: 6 });
  await expect(page.getByText("Idle, 0 replicas")).toBeVisible({ timeout: PATIENCE_MS });
  await expect(page.getByText(/^Idle: the versions leave the nodes/)).toBeVisible();
  await expectAccessible(page);

  await scale({ scaleToZeroAfterSeconds: 3_600 });
  const answer = await rest<{ predictions: number[] }>(
    "POST",
    `/deployments/${deployment}/predict`,
    { input: { a: 2, b: 1 } },
  );
  expect(answer.predictions).toEqual([5]);
  await expect(page.getByText("Idle, 0 replicas")).toBeHidden({ timeout: PATIENCE_MS });
  await expect(page.getByText(/A request woke it/)).toBeVisible({ timeout: PATIENCE_MS });

  await button.click();
  await dialog.getByRole("button", { name: "By hand" }).click();
  await dialog.getByLabel("Replicas", { exact: true }).fill("1");
  await dialog.getByRole("button", { name: "Scale" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText(/by hand: it scales by itself no more/)).toBeVisible({
    timeout: PATIENCE_MS,
  });
  expect(await read()).toMatchObject({ isAutoscaled: false, replicas: 1 });
});
