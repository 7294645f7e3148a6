import type { Page } from "@playwright/test";
import { constant, onnxModel } from "../node/support/onnx-writer";
import { expect, expectAccessible, rest, test } from "./session";

const PATIENCE_MS = 60_000;
const NAME = `logged-${Date.now()}`;
let deployment = "";
/** Requests in the order they were made: a is 1, 2, 3 … */
const made: string[] = [];

/** prediction = 2a + b. */
const model = () =>
  onnxModel({
    nodes: [{ op: "MatMul", inputs: ["numeric", "weights"], outputs: ["prediction"] }],
    constants: [constant("weights", "FP64", [2], [2, 1])],
    inputs: [{ name: "numeric", type: "FP64", shape: ["batch", 2] }],
    outputs: [{ name: "prediction", type: "FP64", shape: ["batch"] }],
  });

test.beforeAll(async () => {
  test.setTimeout(120_000);
  const fields = { name: NAME, type: "regression", framework: "onnx" };
  const { id } = await rest<{ id: string }>("POST", "/models", fields);
  const form = new FormData();
  form.set("features", JSON.stringify(["a", "b"]));
  form.set("model", new Blob([new Uint8Array(model())]), "model.onnx");
  const version = await rest<{ id: string }>("POST", `/models/${id}/versions`, form);
  const asked = { versionId: version.id, name: NAME, environment: "production" };
  deployment = (await rest<{ deploymentId: string }>("POST", `/models/${id}/deploy`, asked))
    .deploymentId;
  const state = async () =>
    (await rest<{ status: string }>("GET", `/deployments/${deployment}`)).status;
  await expect.poll(state, { timeout: PATIENCE_MS }).toBe("active");
  for (let a = 1; a <= 4; a++) {
    const body = { input: { a, b: 0 }, options: { unit: `customer-${a}` } };
    const reply = await rest<{ requestId: string }>(
      "POST",
      `/deployments/${deployment}/predict`,
      body,
    );
    made.push(reply.requestId);
  }
  const logged = async () =>
    (await rest<{ items: object[] }>("GET", `/deployments/${deployment}/predictions`)).items.length;
  await expect.poll(logged, { timeout: PATIENCE_MS }).toBe(made.length);
});

const rows = (page: Page) => page.getByRole("list", { name: "Requests" }).getByRole("listitem");
const tab = (id = deployment) => `/default/deployments/${id}?tab=predictions`;

test("a request is found, opened, told what came of it, and asked again in the playground", async ({
  signedIn: page,
}) => {
  await page.goto(tab());
  await expect(rows(page)).toHaveCount(made.length, { timeout: PATIENCE_MS });
  await page.getByRole("button", { name: "Filters" }).click();
  await page.getByRole("textbox", { name: "Unit" }).fill("customer-3");
  await expect(page).toHaveURL(/unit=customer-3/);
  await expect(rows(page)).toHaveCount(1);

  await rows(page).getByRole("button").first().click();
  await expect(page).toHaveURL(new RegExp(`open=${made[2]}`));
  await expect(page.getByText("from socket to reply")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("textbox", { name: "What really came" }).fill("8");
  await page.getByRole("button", { name: "Record" }).click();
  await expect(page.getByText("Outcome recorded")).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Correct it" })).toBeVisible();
  const stored = await rest<{ outcome: unknown }>("GET", `/predictions/${made[2]}`);
  expect(stored.outcome).toEqual([8]);
  await expect(page.getByText("1 outcome is known.")).toBeVisible();

  await page.getByRole("link", { name: "Open in the playground" }).click();
  await expect(page).toHaveURL(new RegExp(`replay=${made[2]}`));
  await expect(page.getByRole("textbox", { name: /^a\b/ })).toHaveValue("3");
  await page.getByRole("button", { name: "Predict", exact: true }).click();
  await expect(page.getByText("6", { exact: true }).first()).toBeVisible();
});

test("outcomes are uploaded as CSV, and lines that say nothing are named", async ({
  signedIn: page,
}) => {
  await page.goto(tab());
  await page.getByRole("button", { name: "Outcomes" }).click();
  const dialog = page.getByRole("dialog");
  const text = `request_id,outcome\n${made[0]},2.5\nnobody,1\n${made[1]},"4"\n`;
  await dialog.locator("input[type=file]").setInputFiles({
    name: "outcomes.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(text),
  });
  await dialog.getByRole("button", { name: "Upload" }).click();
  await expect(dialog.getByRole("status")).toHaveText(/Done: 2 recorded, 1 line not/);
  await expect(dialog.getByText("Line 3")).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Close" }).first().click();
  const stored = await rest<{ outcome: unknown }>("GET", `/predictions/${made[1]}`);
  expect(stored.outcome).toEqual([4]);
  await expect(page.getByText("Mean absolute error")).toBeVisible();
});

test("how long the log is kept is set up, and days that contradict each other are refused", async ({
  signedIn: page,
}) => {
  await page.goto("/default/settings/workspace");
  const days = page.getByRole("textbox", { name: "Days in the database" });
  await expect(days).toHaveValue("14", { timeout: PATIENCE_MS });
  const archives = page.getByRole("textbox", { name: "Days until archives go" });
  await archives.fill("10");
  await archives.press("Tab");
  const card = page.getByRole("group", { name: "Prediction log" });
  const form = page.locator("form").filter({ has: card });
  await form.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText(/must be 0 or more than the days in the database/)).toBeVisible();
  await archives.fill("30");
  await archives.press("Tab");
  await form.getByRole("button", { name: "Save" }).click();
  await expect
    .poll(() => rest("GET", "/predictions/retention"))
    .toEqual({ keepDays: 14, archiveDays: 30, resultDays: 0 });
  await expectAccessible(page);
  await rest("PUT", "/predictions/retention", { keepDays: 14, archiveDays: 365 });
});
