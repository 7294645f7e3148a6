import { churnCsv } from "../../scripts/seed/data";
import { choose, colleague, expect, rest, test } from "./session";

interface Job {
  status: string;
}

const unique = Date.now();
const STAGE = `Trusted ${unique}`;
let model = "";

/** A model with two versions, trained through the API as any client would. */
test.beforeAll(async () => {
  test.setTimeout(300_000);
  const form = new FormData();
  form.set("name", `registry churn ${unique}`);
  form.set("file", new Blob([churnCsv(400, 7)], { type: "text/csv" }), "churn.csv");
  const dataset = await rest<{ id: string }>("POST", "/datasets", form);
  const made = await rest<{ id: string }>("POST", "/models", {
    name: `registry-${unique}`,
    type: "classification",
    framework: "scikit-learn",
    tags: { team: `risk-${unique}` },
  });
  model = made.id;
  for (const seed of [1, 2]) {
    const { jobId } = await rest<{ jobId: string }>("POST", `/models/${model}/train`, {
      ...{ datasetId: dataset.id, target: "churned", algorithm: "logistic_regression", seed },
    });
    await expect
      .poll(async () => (await rest<Job>("GET", `/training-jobs/${jobId}`)).status, {
        timeout: 200_000,
      })
      .toBe("completed");
  }
});

test("a stage is made with an approval and a gate", async ({ signedIn: page }) => {
  await page.goto("/default/registry/stages");
  await page.getByRole("button", { name: "Add stage" }).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill(STAGE);
  await page.getByRole("switch", { name: "Entering it needs approval" }).click();
  await page.getByRole("checkbox", { name: "Ml engineer" }).click();
  await page.getByRole("button", { name: "Add gate" }).click();
  await page.getByRole("menuitem", { name: /A metric against/ }).click();
  await page.getByRole("textbox", { name: "Number", exact: true }).fill("0.5");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  const row = page.getByRole("list", { name: "Stages" }).locator("> li", { hasText: STAGE });
  await expect(row).toContainText("Needs 1 approval from ml engineer");
  await expect(row).toContainText("test accuracy ≥ 0.5");
});

test("a move by keyboard is immediate where nothing stands in the way", async ({
  signedIn: page,
}) => {
  await page.goto(`/default/registry/${model}?tab=board`);
  await page.getByRole("button", { name: "Move v2 to another stage" }).press("ArrowRight");
  const dialog = page.getByRole("dialog", { name: "Move v2" });
  await expect(dialog).toContainText("It moves at once");
  await page.keyboard.press("Tab");
  await dialog.getByRole("button", { name: "Move", exact: true }).press("Enter");
  await expect(
    page.getByRole("list", { name: "Testing" }).getByRole("link", { name: "v2" }),
  ).toBeVisible();
});

test("a request waits for a second person; their word moves the version and history tells it", async ({
  signedIn: page,
  browser,
}) => {
  await page.goto(`/default/registry/${model}?tab=board`);
  const card = page.getByRole("list", { name: "Development" }).locator("> li", { hasText: "v1" });
  await card.dragTo(page.getByRole("list", { name: STAGE }));
  const dialog = page.getByRole("dialog", { name: "Move v1" });
  await expect(dialog).toContainText("Needs 1 approval from ml engineer");
  await dialog.getByRole("textbox", { name: "Comment" }).fill("Ready since Monday");
  await dialog.getByRole("button", { name: "Request approval" }).click();
  await expect(card).toContainText(`waits for ${STAGE}`);

  await page.goto(`/default/registry/${model}/versions/1`);
  await expect(page.getByText("Nobody reviews their own request")).toBeVisible();
  await expect(page.getByRole("form", { name: "Your review" })).toHaveCount(0);
  const gate = page.getByRole("row", { name: /Passed: test accuracy/ });
  await expect(gate.getByRole("cell").first()).toHaveText(/^(0\.\d+|1)$/);
  await expect(gate.getByRole("cell").last()).toHaveText("0.5");

  const grace = await colleague(browser, `Grace ${unique}`, "ml_engineer");
  await grace.goto("/default/registry");
  await grace.getByRole("link", { name: /^Approvals/ }).click();
  await grace.getByRole("button", { name: new RegExp(`registry-${unique} v1`) }).click();
  await expect(grace).toHaveURL(/request=/);
  await expect(grace.getByText("Ready since Monday")).toBeVisible();
  await grace.getByRole("button", { name: "On conditions" }).click();
  await grace.getByRole("textbox", { name: "Conditions" }).fill("Tell the call center");
  await grace.getByRole("button", { name: "Approve on conditions" }).click();
  await expect(grace.getByText("Not met: Tell the call center")).toBeVisible();
  await grace.getByRole("button", { name: "Mark as met" }).click();
  await grace.getByRole("textbox", { name: "How you know" }).fill("They wrote back");
  await grace.getByRole("button", { name: "It is met" }).click();
  // Nothing waits any more, so the request leaves the inbox.
  await expect(
    grace.getByRole("button", { name: new RegExp(`registry-${unique} v1`) }),
  ).toHaveCount(0);
  await grace.context().close();

  // The requester's page follows by itself.
  await expect(page.locator("main header").first()).toContainText(STAGE);
  await page.getByRole("tab", { name: "History" }).click();
  const history = page.getByRole("list", { name: "History" });
  for (const sentence of [
    "registered version 1",
    "asked to move it to",
    `Grace ${unique} approved the request on conditions`,
    "marked a condition as met",
    "moved it from development to",
  ]) {
    await expect(history).toContainText(sentence);
  }
});

test("the list is filtered by stage and tag; two versions show what differs", async ({
  signedIn: page,
}) => {
  await page.goto("/default/registry");
  await choose(page, "Stage", `In ${STAGE}`);
  await expect(page.getByRole("link", { name: `registry-${unique}` })).toBeVisible();
  await choose(page, "Stage", "In Archived");
  await expect(page.getByText("Nothing matches")).toBeVisible();
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await page.getByRole("textbox", { name: "Tag" }).fill(`team=risk-${unique}`);
  await expect(page).toHaveURL(/tag=team/);
  await expect(page.getByRole("table").getByRole("link")).toHaveCount(1);

  await page.goto(`/default/registry/${model}?compare=1,2`);
  const comparison = page.getByRole("region", { name: "Comparison" });
  await expect(comparison.getByRole("row", { name: /^Seed 1 2/ })).toBeVisible();
  await expect(comparison.getByText("Environment")).toHaveCount(0);
  await page.getByRole("switch", { name: "Differences only" }).click();
  await expect(comparison.getByRole("row", { name: /packages\.onnx \d/ })).toBeVisible();
  await expect(comparison.getByText("Signature")).toBeVisible();
});

test("two versions are benchmarked on the same rows; a file that is no model is refused", async ({
  signedIn: page,
}) => {
  await page.goto(`/default/registry/${model}?tab=benchmarks&benchmark=true`);
  await choose(page, "Dataset", new RegExp(`registry churn ${unique}`));
  await page.getByRole("checkbox", { name: "v1" }).click();
  await page.getByRole("checkbox", { name: "v2" }).click();
  await page.getByRole("button", { name: "Start" }).click();
  await expect(page.getByText("Completed", { exact: true })).toBeVisible({ timeout: 60_000 });
  const results = page.getByRole("region", { name: "Results" });
  for (const version of ["v1", "v2"]) {
    await expect(results.getByRole("row", { name: new RegExp(`^${version} `) })).toContainText(
      "400",
    );
  }

  await page.goto(`/default/registry/${model}`);
  await page.getByRole("button", { name: "Upload a model" }).click();
  await page.locator('input[type="file"]').setInputFiles({
    name: "model.onnx",
    mimeType: "application/octet-stream",
    buffer: Buffer.from("no model at all"),
  });
  await page.getByRole("button", { name: "Upload", exact: true }).click();
  await expect(page.getByRole("dialog").getByRole("alert")).toContainText(/ONNX/);
});

test("aliases, tags, semantic versions and the card are kept", async ({ signedIn: page }) => {
  await page.goto(`/default/registry/${model}?tab=aliases`);
  await page.getByRole("textbox", { name: "Alias" }).fill("champion");
  await page.getByRole("textbox", { name: "Version" }).fill("1");
  await page.getByRole("button", { name: "Point it" }).click();
  await expect(page.getByRole("row", { name: /@champion/ })).toContainText("v1");

  await page.goto(`/default/registry/${model}/versions/1`);
  await expect(page.getByText("@champion", { exact: true })).toBeVisible();
  await page.getByRole("textbox", { name: "Key" }).fill("owner");
  await page.getByRole("textbox", { name: "Value" }).fill("grace");
  await page.getByRole("button", { name: "Add tag" }).click();
  await expect(page.getByRole("list", { name: "Tags" })).toContainText("owner grace");
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Set the semantic version" }).click();
  await page.getByRole("button", { name: /^1\.0\.0 ?major$/ }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.locator("main header").first()).toContainText("1.0.0");

  await page.goto(`/default/registry/${model}?tab=card`);
  await page.getByRole("button", { name: "Write one" }).click();
  const editor = page.getByRole("textbox", { name: "Model card" });
  await expect(editor).toHaveValue(/Model details/);
  await editor.fill("# Churn\n\n| a | b |\n|---|---|\n| 1 | 2 |");
  await expect(page.getByRole("heading", { name: "Churn" })).toBeVisible();
  // Somebody else writes meanwhile: nothing is overwritten.
  await rest("PUT", `/models/${model}/card`, { content: "# Theirs" });
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "meanwhile" })).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("heading", { name: "Theirs" })).toBeVisible();
  await page.getByRole("button", { name: "Edit" }).click();
  await editor.fill("# Ours");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "Ours" })).toBeVisible();
  await expect(page.getByRole("list", { name: "Revisions" }).getByRole("listitem")).toHaveCount(2);
});

test("lineage is walked by keyboard and read as a table; a viewer changes nothing", async ({
  signedIn: page,
  browser,
}) => {
  await page.goto(`/default/registry/${model}/versions/1?tab=lineage`);
  const graph = page.getByRole("region", { name: "Lineage graph" });
  await graph.getByRole("link", { name: /churn/ }).first().press("Enter");
  await expect(page).toHaveURL(/\/datasets\//, { timeout: 60_000 });
  await page.goBack();
  await page.getByRole("button", { name: "View as table: Lineage" }).click();
  await expect(page.getByRole("columnheader", { name: "Relation" })).toBeVisible();

  const viewer = await colleague(browser, `Vera ${unique}`, "viewer");
  await viewer.goto(`/default/registry/${model}?tab=board`);
  await expect(viewer.getByText(/To create or change models, ask .*Administrator/)).toBeVisible();
  await expect(viewer.getByRole("button", { name: /^Move v/ })).toHaveCount(0);
  await viewer.goto(`/default/registry/${model}/versions/1`);
  await expect(viewer.getByRole("button", { name: "Change stage" })).toHaveCount(0);
  await viewer.goto("/default/registry/stages");
  await expect(viewer.getByText(/To change stages and gates, ask/)).toBeVisible();
  await viewer.context().close();
});
