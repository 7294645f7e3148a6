import { expect, test } from "@playwright/test";

test("a one-time link signs in once and never again", async ({ page, browser }) => {
  const link = process.env.E2E_SIGN_IN ?? "";
  await page.goto(link);
  await page.getByRole("button", { name: /sign in/i }).click();
  await expect(page).toHaveURL(/\/default/);
  await page.context().storageState({ path: "node_modules/.cache/modelyard/session.json" });

  const other = await (await browser.newContext()).newPage();
  await other.goto(link);
  await other.getByRole("button", { name: /sign in/i }).click();
  await expect(other.getByText(/used|expired/i).first()).toBeVisible();
});
