import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { baseUrl, choose, colleague, expect, rest, test } from "./session";

/** What the API says to a key: 403 knows it and refuses the route, 401 does not know it. */
const statusFor = async (key: string, path = "/models"): Promise<number> =>
  (await fetch(`${baseUrl()}/api/v1${path}`, { headers: { authorization: `Bearer ${key}` } }))
    .status;

const shownKey = async (page: Page): Promise<string> => {
  const key = page
    .getByRole("dialog")
    .last()
    .getByText(/^mdy_\w+_\S+$/);
  return (await key.textContent())?.trim() ?? "";
};

test("a key gets the scopes that were chosen, is rotated with an overlap, and ends when revoked", async ({
  signedIn: page,
}) => {
  const name = `scores ${Date.now()}`;
  await page.goto("/default/settings/api-keys");
  await page.getByRole("button", { name: "Create key" }).click();
  await expect(page).toHaveURL(/create=true/);
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await choose(page, "Scopes", /Predictions only/);
  // A viewer predicts nothing, so the first role that does stands there now.
  await expect(page.getByRole("combobox", { name: "Role" })).toHaveText("Data scientist");
  await expect(page.getByRole("list", { name: "Scopes of the key" })).toHaveText(
    "predictions:create",
  );
  await choose(page, "Lifetime", "7 days");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  const first = await shownKey(page);
  expect(await statusFor(first)).toBe(403);
  await page.getByRole("button", { name: "Done" }).click();

  const row = page.getByRole("row").filter({ hasText: name });
  await expect(row).toContainText("predictions only");
  await expect(row).toContainText("7 days left");
  await row.getByRole("button", { name, exact: true }).click();
  await expect(page).toHaveURL(/key=/);
  const details = page.getByRole("dialog", { name, exact: true });
  await expect(details).toContainText("Last used");
  await details.getByRole("button", { name: `Rotate ${name}` }).click();
  await choose(page, "The old secret", /another hour/);
  await page.getByRole("button", { name: "Rotate", exact: true }).click();
  const second = await shownKey(page);
  expect(second).not.toBe(first);
  expect([await statusFor(first), await statusFor(second)]).toEqual([403, 403]);
  await page.getByRole("button", { name: "Done" }).click();
  await expect(details).toContainText("works until");

  await details.getByRole("button", { name: `Revoke ${name}` }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
  await expect(details).toContainText("revoked");
  await expect
    .poll(async () => [await statusFor(first), await statusFor(second)])
    .toEqual([401, 401]);
});

test("scopes are chosen one by one within a custom role", async ({ signedIn: page }) => {
  const role = `auditor_${Date.now()}`;
  const permissions = ["audit:read", "models:read"];
  await rest("POST", "/roles", { name: role, description: "Reads", permissions });
  await page.goto("/default/settings/api-keys?create=true");
  await page.getByRole("textbox", { name: "Name" }).fill(`${role} key`);
  await page.getByRole("combobox", { name: "Role" }).click();
  await page.getByRole("option", { name: new RegExp(role.replace("_", " "), "i") }).click();
  await choose(page, "Scopes", "Chosen one by one");
  const box = (name: string) => page.getByRole("checkbox", { name, exact: true });
  await expect(box("Ask for predictions")).toBeDisabled();
  for (const name of ["Read the audit trail", "Read models and artifacts"]) {
    if (await box(name).isChecked()) await box(name).click();
  }
  await expect(page.getByText("Choose at least one scope")).toBeVisible();
  await box("Read models and artifacts").click();
  await page.getByRole("button", { name: "Create", exact: true }).click();
  const key = await shownKey(page);
  expect(await statusFor(key, "/models")).toBe(200);
  expect(await statusFor(key, "/audit")).toBe(403);
});

test("people, roles and keys are granted an environment or a model, and lose it again", async ({
  signedIn: page,
  browser,
}) => {
  const unique = Date.now();
  const person = `Grace ${unique}`;
  await (await colleague(browser, person, "ml_engineer")).context().close();
  const model = await rest<{ id: string }>("POST", "/models", {
    name: `granted-${unique}`,
    type: "regression",
    framework: "xgboost",
  });
  await rest("POST", "/api-keys", { name: `pipeline ${unique}`, role: "ml_engineer" });
  // What a try before this one left would not be the first grant.
  const left = await rest<{ items: { id: string }[] }>("GET", "/grants?environment=staging");
  for (const { id } of left.items) await rest("DELETE", `/grants/${id}`);
  await page.goto("/default/settings/grants");
  const environments = page.getByRole("list", { name: "Environments" });
  await expect(environments.getByText("Open to everybody who deploys").first()).toBeVisible();

  await page.getByRole("button", { name: "Add grant" }).click();
  await choose(page, "May deploy to", "Staging");
  await expect(page.getByText("This is its first grant")).toBeVisible();
  await choose(page, "Person", new RegExp(person));
  await page.getByRole("button", { name: "Add", exact: true }).click();
  const staging = environments.getByRole("listitem").filter({ hasText: "Staging" });
  await expect(staging).toContainText(person);

  await page.goto(`/default/settings/grants?add=true&model=${model.id}`);
  await choose(page, "May", "Deploy");
  await page.getByRole("button", { name: "API key", exact: true }).click();
  await choose(page, "API key", new RegExp(`pipeline ${unique}`));
  await page.getByRole("button", { name: "Add", exact: true }).click();
  const models = page.getByRole("list", { name: "Models" });
  const granted = models.getByRole("listitem").filter({ hasText: `granted-${unique}` });
  await expect(granted).toContainText(`pipeline ${unique}`);

  await staging.getByRole("button", { name: `Withdraw deploy from ${person}` }).click();
  await expect(staging).toContainText("Open to everybody who deploys");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(staging).toContainText(person);
  await staging.getByRole("button", { name: `Withdraw deploy from ${person}` }).click();
  await expect(staging).toContainText("Open to everybody who deploys");
});

test("the trail is searched, paged, exported and verified, and its address says what is shown", async ({
  signedIn: page,
}) => {
  const unique = `trail-${Date.now()}`;
  const { id } = await rest<{ id: string }>("POST", "/models", {
    name: unique,
    type: "regression",
    framework: "xgboost",
    description: "before it changed",
  });
  await rest("PATCH", `/models/${id}`, { description: "after it changed" });
  for (let n = 0; n < 55; n += 1) {
    await rest("POST", "/tokens", {});
  }
  await page.goto("/default/settings/audit");
  const entries = page.getByRole("list", { name: "Entries" }).locator("> li");
  await expect(entries.filter({ hasText: `updated model ${unique}` })).toBeVisible();
  await expect(entries.filter({ hasText: "issued token" })).toHaveCount(0);
  await page.getByRole("switch", { name: "Hide routine" }).click();
  await expect(page).toHaveURL(/all=true/);
  // The page is full of them, and what came before them is on the next one.
  await expect(entries.filter({ hasText: `updated model ${unique}` })).toHaveCount(0);
  await expect(entries.filter({ hasText: "issued token" }).nth(40)).toBeVisible();
  await page.getByRole("button", { name: "Show more" }).click();
  await expect(entries.filter({ hasText: `updated model ${unique}` })).toBeVisible();

  await page.getByRole("combobox", { name: "Action begins with" }).fill("model.");
  await choose(page, "Kind of actor", "API keys");
  await choose(page, "Time", "Last hour");
  for (const part of [/action=model\./, /actor=apiKey/, /range=1h/]) {
    await expect(page).toHaveURL(part);
  }
  await page.reload();
  const updated = entries.filter({ hasText: `updated model ${unique}` });
  await updated.getByRole("button").first().click();
  const change = page.getByRole("row", { name: /description/ });
  await expect(change).toContainText("before it changed");
  await expect(change).toContainText("after it changed");
  await page.getByRole("button", { name: "Only this model" }).click();
  await expect(entries).toHaveCount(2);
  await choose(page, "Kind of actor", "Jobs");
  await expect(page.getByText("No entry matches")).toBeVisible();
  await choose(page, "Kind of actor", "API keys");
  await expect(entries).toHaveCount(2);

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: /CSV/ }).click();
  const file = await (await download).path();
  const lines = readFileSync(file, "utf8").trim().split("\r\n");
  expect(lines).toHaveLength(3);
  expect(lines[2]).toContain("after it changed");

  await page.getByRole("button", { name: "Verify the chain" }).click();
  await expect(page.getByText(/The chain is whole: [\d,]+ entries/)).toBeVisible();
});

test("who may not do something does not see it, and reads whom to ask", async ({ browser }) => {
  const page = await colleague(browser, `Vera ${Date.now()}`, "viewer");
  await page.goto("/default/settings/api-keys");
  await expect(page.getByText(/To create or revoke keys, ask .*Administrator/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Create key" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: /^(Rotate|Revoke)/ })).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Audit" })).toHaveCount(0);
  await page.goto("/default/settings/audit");
  await expect(page.getByText("Your role does not allow this page")).toBeVisible();
  await expect(page.getByText(/To read the audit trail, ask .*Administrator/)).toBeVisible();
  await page.goto("/default/settings/grants");
  await expect(page.getByRole("list", { name: "Environments" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Add grant" })).toHaveCount(0);
  await page.goto("/default/settings/roles");
  await expect(page.getByRole("button", { name: "Create role" })).toHaveCount(0);
  await page.context().close();
});
