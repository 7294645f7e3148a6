import { expect, rest, test } from "./session";

test("an experiment is renamed, archived, brought back, archived again and deleted for good", async ({
  signedIn: page,
}) => {
  const name = `short-lived-${Date.now()}`;
  const experiment = await rest<{ id: string }>("POST", "/experiments", { name });
  await rest("POST", "/runs", { experimentId: experiment.id, name: "only" });
  await page.goto(`/default/experiments/${experiment.id}`);
  const more = page.getByRole("button", { name: "More about this experiment" });
  await more.click();
  await page.getByRole("menuitem", { name: "Edit" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill(`${name}-renamed`);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("heading", { name: `${name}-renamed` })).toBeVisible();

  await more.click();
  await page.getByRole("menuitem", { name: "Archive with its runs" }).click();
  await expect(page).toHaveURL(/\/experiments$/);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("The experiment and its runs are back")).toBeVisible();
  await expect(page.getByRole("link", { name: `${name}-renamed` })).toBeVisible();

  await page.goto(`/default/experiments/${experiment.id}`);
  await more.click();
  await page.getByRole("menuitem", { name: "Archive with its runs" }).click();
  await expect(page).toHaveURL(/\/experiments$/);
  await page.getByRole("button", { name: "Archived", exact: true }).click();
  await page.getByRole("button", { name: `Delete ${name}-renamed for good` }).click();
  const last = page.getByRole("button", { name: "Delete for good", exact: true });
  await expect(last).toBeDisabled();
  await page.getByRole("textbox", { name: "Type its name to confirm" }).fill(`${name}-renamed`);
  await last.click();
  await expect(page.getByText("Experiment deleted for good")).toBeVisible();
  await expect(page.getByRole("link", { name: `${name}-renamed` })).toHaveCount(0);
});
