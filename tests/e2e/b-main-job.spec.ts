import { churnCsv } from "../../scripts/seed/data";
import { expect, test } from "./session";

test("upload, train, watch, deploy and predict, all in the browser", async ({ signedIn: page }) => {
  await page.goto("/default/datasets");
  await page.getByRole("button", { name: "Upload" }).first().click();
  await page.locator('input[type="file"]').setInputFiles({
    name: "churn.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(churnCsv(600, 5)),
  });
  await page.getByRole("dialog").getByRole("button", { name: "Upload", exact: true }).click();
  await expect(page.getByRole("heading", { name: /churn/ })).toBeVisible();
  await expect(page.getByText("supportCalls").first()).toBeVisible();

  await page.getByText("Train on this").click();
  await expect(page).toHaveURL(/training\/new/);
  await page.getByRole("combobox", { name: "Target" }).click();
  await page.getByRole("option", { name: /churned/ }).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill(`churn ${Date.now()}`);
  await page.getByRole("radio", { name: /Logistic regression/ }).click();
  await page.getByRole("button", { name: /^Start/ }).click();

  await expect(page).toHaveURL(/training\/[0-9a-f-]{36}/);
  await page.getByRole("tab", { name: "Log" }).click();
  await expect(page.getByText("Completed", { exact: true })).toBeVisible({ timeout: 150_000 });
  await expect(page.getByText("parity", { exact: false }).first()).toBeVisible();
  await page.getByRole("link", { name: /Open version 1/ }).click();

  await page.getByRole("button", { name: "Deploy" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Deploy", exact: true }).click();
  await expect(page).toHaveURL(/deployments\/[0-9a-f-]{36}/);
  await expect(page.getByText("Active", { exact: true }).first()).toBeVisible({ timeout: 30_000 });

  await page.getByRole("tab", { name: "Playground" }).click();
  await page.getByRole("button", { name: "Predict" }).click();
  await expect(page.getByLabel("Probability of each class")).toBeVisible();
  await expect(page.getByText("version 1", { exact: true })).toBeVisible();
  await page.getByRole("tab", { name: "Predictions" }).click();
  await expect(
    page
      .getByRole("main")
      .getByRole("listitem")
      .filter({ hasText: /yes|no/ }),
  ).toHaveCount(1);
});
