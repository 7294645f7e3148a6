import type { Page } from "@playwright/test";
import { constant, onnxModel } from "../node/support/onnx-writer";
import { expect, expectAccessible, rest, test } from "./session";

const PATIENCE_MS = 60_000;
const unique = Date.now();
const NAME = `batched-${unique}`;
const ROWS = 5_000;

/** prediction = 2a + b. */
const doubling = () =>
  onnxModel({
    nodes: [{ op: "MatMul", inputs: ["numeric", "weights"], outputs: ["prediction"] }],
    constants: [constant("weights", "FP64", [2], [2, 1])],
    inputs: [{ name: "numeric", type: "FP64", shape: ["batch", 2] }],
    outputs: [{ name: "prediction", type: "FP64", shape: ["batch"] }],
  });

test.beforeAll(async () => {
  test.setTimeout(120_000);
  const made = { name: NAME, type: "regression", framework: "onnx" };
  const model = (await rest<{ id: string }>("POST", "/models", made)).id;
  const form = new FormData();
  form.set("features", JSON.stringify(["a", "b"]));
  form.set("model", new Blob([new Uint8Array(doubling())]), "model.onnx");
  const version = await rest<{ id: string }>("POST", `/models/${model}/versions`, form);
  const wanted = { versionId: version.id, name: NAME, environment: "production" };
  const { deploymentId } = await rest<{ deploymentId: string }>(
    "POST",
    `/models/${model}/deploy`,
    wanted,
  );
  const status = async () =>
    (await rest<{ status: string }>("GET", `/deployments/${deploymentId}`)).status;
  await expect.poll(status, { timeout: PATIENCE_MS }).toBe("active");
  const rows = Array.from({ length: ROWS }, (_, i) =>
    i === 41 ? "none,1,x" : `${i},${i % 3},n${i}`,
  );
  const data = new FormData();
  data.set("name", NAME);
  data.set("file", new Blob([`a,b,note\n${rows.join("\n")}\n`]), "rows.csv");
  await rest("POST", "/datasets", data);
});

/** Types into a combobox and takes the one choice there is then, by keyboard. */
async function type(page: Page, label: string, text: string): Promise<void> {
  const field = page.getByRole("dialog").getByRole("combobox", { name: label, exact: true });
  await field.fill(text);
  await expect(page.getByRole("option")).toHaveText([new RegExp(text)]);
  await field.press("ArrowDown");
  await field.press("Enter");
  await expect(field).toHaveValue(new RegExp(text));
}

test("a batch job is made by keyboard, shows its rows and its errors, and becomes a dataset", async ({
  signedIn: page,
}) => {
  test.setTimeout(240_000);
  await page.goto("/default/predictions");
  await page.getByRole("link", { name: "Batch jobs" }).click();
  await expect(page).toHaveURL(/predictions\/batch-jobs/);
  await page.getByRole("button", { name: "New batch job" }).first().click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await type(page, "Deployment", NAME);
  await type(page, "Dataset", NAME);
  await page.getByRole("combobox", { name: /Columns of the dataset/ }).click();
  await page.getByRole("option", { name: "All of them" }).click();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Start" }).click();

  await expect(page).toHaveURL(/batch-jobs\/[0-9a-f-]{36}/);
  await expect(page.getByText("Completed").first()).toBeVisible({ timeout: PATIENCE_MS });
  await expect(page.getByText((ROWS - 1).toLocaleString("en-US")).first()).toBeVisible();
  await expect(page.getByRole("columnheader", { name: "prediction" })).toBeVisible();
  await expect(page.getByRole("cell", { name: "n40" })).toBeVisible();
  await expectAccessible(page);
  const job = new URL(page.url()).pathname.split("/").at(-1);

  await page.getByRole("tab", { name: "Errors" }).click();
  await expect(page).toHaveURL(/tab=errors/);
  await expect(page.getByText("a must be a number, got none")).toBeVisible();
  await expectAccessible(page);

  const csv = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  await page.getByRole("menuitem", { name: "CSV" }).click();
  expect((await csv).suggestedFilename()).toBe(`batch-${job}.csv`);

  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Save as dataset" }).click();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page).toHaveURL(/datasets\/[0-9a-f-]{36}/, { timeout: PATIENCE_MS });
  await expect(page.getByRole("heading", { name: `${NAME} predicted` })).toBeVisible();
});

test("a job that ends for its errors says the row, is duplicated with other choices and deleted", async ({
  signedIn: page,
}) => {
  test.setTimeout(240_000);
  const { id } = await rest<{ id: string }>("POST", `/deployments/${NAME}/batch-jobs`, {
    dataset: NAME,
    onError: "fail",
  });
  await page.goto(`/default/predictions/batch-jobs/${id}`);
  await expect(page.getByRole("alert").filter({ hasText: "Row 42" })).toBeVisible({
    timeout: PATIENCE_MS,
  });
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Duplicate" }).click();
  await expect(page).toHaveURL(new RegExp(`like=${id}`));
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("combobox", { name: "Dataset", exact: true })).toHaveValue(
    new RegExp(NAME),
  );
  await dialog.getByRole("combobox", { name: "A row without an answer" }).click();
  await page.getByRole("option", { name: "Keeps the reason" }).click();
  await dialog.getByRole("button", { name: "Start" }).click();
  await expect(page).toHaveURL(/batch-jobs\/[0-9a-f-]{36}$/);
  await expect(page.getByText("Completed").first()).toBeVisible({ timeout: PATIENCE_MS });

  await page.goto(`/default/predictions/batch-jobs/${id}`);
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await expect(page).toHaveURL(/predictions\/batch-jobs$/);
  await page.getByRole("combobox", { name: "Status" }).click();
  await page.getByRole("option", { name: "Failed" }).click();
  await expect(page).toHaveURL(/status=failed/);
  await expect(page.locator(`a[href$="${id}"]`)).toHaveCount(0);
});
