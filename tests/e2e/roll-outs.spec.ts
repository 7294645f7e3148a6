import { constant, onnxModel } from "../node/support/onnx-writer";
import { expect, expectAccessible, rest, test } from "./session";

const PATIENCE_MS = 60_000;
const unique = Date.now();
const NAME = `rolling-${unique}`;
let model = "";
let deployment = "";

/** prediction = slope × a + b. */
const slope = (by: number) =>
  onnxModel({
    nodes: [{ op: "MatMul", inputs: ["numeric", "weights"], outputs: ["prediction"] }],
    constants: [constant("weights", "FP64", [2], [by, 1])],
    inputs: [{ name: "numeric", type: "FP64", shape: ["batch", 2] }],
    outputs: [{ name: "prediction", type: "FP64", shape: ["batch"] }],
  });

async function addVersion(by: number): Promise<string> {
  const form = new FormData();
  form.set("features", JSON.stringify(["a", "b"]));
  form.set("model", new Blob([new Uint8Array(slope(by))]), "model.onnx");
  return (await rest<{ id: string }>("POST", `/models/${model}/versions`, form)).id;
}

interface Detail {
  status: string;
  variants: { versionNumber: number; weight: number; status: string }[];
}
const shares = async () =>
  (await rest<Detail>("GET", `/deployments/${deployment}`)).variants
    .filter((one) => one.status === "active")
    .map((one) => `v${one.versionNumber} ${one.weight}`)
    .sort();

test.beforeAll(async () => {
  test.setTimeout(120_000);
  const made = { name: NAME, type: "regression", framework: "onnx" };
  model = (await rest<{ id: string }>("POST", "/models", made)).id;
  const first = { versionId: await addVersion(1), name: NAME, environment: "production" };
  deployment = (await rest<{ deploymentId: string }>("POST", `/models/${model}/deploy`, first))
    .deploymentId;
  await expect.poll(shares, { timeout: PATIENCE_MS }).toEqual(["v1 100"]);
  await addVersion(2);
});

test("a canary is planned, paused, split by keyboard, aborted, undone and promoted in the browser", async ({
  signedIn: page,
}) => {
  test.setTimeout(240_000);
  await page.goto(`/default/registry/${model}/versions/2`);
  await page.getByRole("button", { name: "Deploy" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox", { name: "Endpoint" }).click();
  await page.getByRole("option", { name: NAME }).click();
  await expect(dialog.getByRole("combobox", { name: "Strategy" })).toHaveText(/Canary/);
  const plan = dialog.getByRole("list", { name: "Steps" }).getByRole("listitem");
  await expect(plan).toHaveText([/5%/, /25%/, /50%/, /100%/]);
  await dialog.getByRole("textbox", { name: /^Why/ }).fill("Trained on more data.");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Deploy", exact: true }).click();

  await expect(page).toHaveURL(/deployments\/[0-9a-f-]{36}/);
  await expect(page.getByText("Progressing").first()).toBeVisible({ timeout: PATIENCE_MS });
  await expect(page.getByText("Version 2 takes 5% of the traffic.")).toBeVisible({
    timeout: PATIENCE_MS,
  });
  await expect(page.getByText("Trained on more data.").last()).toBeVisible();
  await expectAccessible(page);

  await page.getByRole("button", { name: "Pause" }).click();
  const slider = page.getByRole("slider", { name: "Share of v2" });
  await expect(slider).toBeEnabled();
  await slider.press("PageUp");
  await slider.press("ArrowRight");
  const percentOf = (version: string) =>
    page.getByRole("spinbutton", { name: `Percent of ${version}` });
  await expect(percentOf("v1")).toHaveValue("84");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect.poll(shares, { timeout: PATIENCE_MS }).toEqual(["v1 84", "v2 16"]);

  // What the page does not show yet, a person would not press either.
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByRole("button", { name: "Pause" })).toBeEnabled();
  await page.getByRole("button", { name: "To 25%" }).click();
  await expect.poll(shares, { timeout: PATIENCE_MS }).toEqual(["v1 75", "v2 25"]);
  await expect(percentOf("v2")).toHaveValue("25");

  await page.getByRole("button", { name: "Abort" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Abort" }).click();
  await expect.poll(shares, { timeout: PATIENCE_MS }).toEqual(["v1 100"]);
  // What was offered for the split before it is gone: this undo can only be the abort's.
  const aborted = page.getByRole("listitem").filter({ hasText: /was aborted/ });
  await expect(page.getByRole("button", { name: "Undo" })).toHaveCount(1);
  await aborted.getByRole("button", { name: "Undo" }).click();
  await expect.poll(shares, { timeout: PATIENCE_MS }).toEqual(["v1 95", "v2 5"]);
  await expect(percentOf("v2")).toHaveValue("5");

  await page.getByRole("button", { name: "Promote" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Promote" }).click();
  await expect.poll(shares, { timeout: PATIENCE_MS }).toEqual(["v2 100"]);
  await expect(page.getByText("Version 2 takes all traffic.")).toBeVisible();

  await page.getByRole("button", { name: "Roll back" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Roll back" }).click();
  await expect.poll(shares, { timeout: PATIENCE_MS }).toEqual(["v1 100"]);
});
