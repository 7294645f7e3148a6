import { expect, test } from "@playwright/test";
import { SESSION } from "./session";

test("a one-time link signs in once and never again", async ({ page, browser }) => {
  const link = process.env.E2E_SIGN_IN ?? "";
  await page.goto(link);
  await page.getByRole("button", { name: /sign in/i }).click();
  await expect(page).toHaveURL(/\/default/);
  await page.context().storageState({ path: SESSION });

  const other = await (await browser.newContext()).newPage();
  await other.goto(link);
  await other.getByRole("button", { name: /sign in/i }).click();
  await expect(other.getByText(/used|expired|works once/i).first()).toBeVisible();
  await expect(other).toHaveURL(/signin/);
});

test("nobody sees a page without signing in", async ({ page }) => {
  await page.goto(`${process.env.E2E_URL}/default/registry`);
  await expect(page).toHaveURL(/signin/);
});
