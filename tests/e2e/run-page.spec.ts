import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { baseUrl, expect, rest, test, untilStill } from "./session";

interface Run {
  id: string;
}

async function log(runId: string, metrics: object[]): Promise<void> {
  const reply = await fetch(`${baseUrl()}/api/2.0/mlflow/runs/log-batch`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${process.env.E2E_KEY}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ run_id: runId, metrics }),
  });
  if (!reply.ok) throw new Error(`${reply.status} ${await reply.text()}`);
}

/** A run with 3,000 points and one inside it. */
async function makeRuns(): Promise<{ parent: string; child: string }> {
  const experiment = await rest<Run>("POST", "/experiments", { name: `nested-${Date.now()}` });
  const inside = { experimentId: experiment.id };
  const parent = await rest<Run>("POST", "/runs", { ...inside, name: "sweep" });
  const tags = [{ key: "mlflow.parentRunId", value: parent.id.replaceAll("-", "") }];
  const child = await rest<Run>("POST", "/runs", { ...inside, name: "fold 1", tags });
  await log(child.id, [{ key: "auc", value: 0.75, timestamp: 1, step: 0 }]);
  for (let from = 0; from < 3000; from += 1000) {
    const points = Array.from({ length: 1000 }, (_, i) => from + i);
    const metrics = points.map((step) => ({ key: "loss", value: 1 / (step + 1), step }));
    await log(
      parent.id,
      metrics.map((one) => ({ ...one, timestamp: 1_700_000_000_000 + one.step * 1000 })),
    );
  }
  return { parent: parent.id, child: child.id };
}

const choose = async (page: Page, item: string) => {
  await page.getByRole("button", { name: "More about this run" }).click();
  await page.getByRole("menuitem", { name: item }).click();
};

test("a run is annotated, renamed, ended, resumed, archived, brought back and deleted", async ({
  signedIn: page,
}) => {
  const { parent, child } = await makeRuns();
  await page.goto(`/default/experiments/runs/${parent}?tab=notes`);
  await page.getByRole("button", { name: "Write notes" }).click();
  await page.getByRole("textbox", { name: "Notes" }).fill("# Best so far");
  await expect(page.getByRole("heading", { name: "Best so far" })).toBeVisible();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("The notes are saved")).toBeVisible();
  const { tags } = await rest<{ tags: object[] }>("GET", `/runs/${parent}`);
  expect(tags).toContainEqual({ key: "mlflow.note.content", value: "# Best so far" });

  await choose(page, "Rename");
  await page.getByRole("textbox", { name: "Name" }).fill("sweep of May");
  await page.getByRole("button", { name: "Rename", exact: true }).click();
  await expect(page.getByRole("heading", { name: "sweep of May" })).toBeVisible();
  await choose(page, "Finish");
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();
  await choose(page, "Resume");
  await expect(page.getByText("Running", { exact: true })).toBeVisible();

  await page.getByRole("tab", { name: /Nested runs/ }).click();
  const line = page.getByRole("row", { name: /fold 1/ });
  await expect(line).toContainText("0.7500");
  await page.getByRole("link", { name: "fold 1" }).click();
  await expect(page).toHaveURL(new RegExp(child));
  await expect(page.getByRole("link", { name: "sweep of May" })).toBeVisible();

  await choose(page, "Archive");
  await expect(page.getByText("Archived", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Restore" }).click();
  await expect(page.getByText("The run is back")).toBeVisible();
  await choose(page, "Archive");
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Delete for good" }).click();
  await expect(page.getByText("1 run deleted for good")).toBeVisible();
  await expect(page).not.toHaveURL(new RegExp(child));
});

test("dragging over a curve shows every point of the part, and a double click all of it again", async ({
  signedIn: page,
}) => {
  const { parent } = await makeRuns();
  await page.goto(`/default/experiments/runs/${parent}`);
  await expect(page.getByText(/of 3,000 points/)).toBeVisible();
  const plot = page.locator(".u-over").first();
  // Waits until the charts above and beside it have their places.
  await plot.hover();
  const box = await plot.boundingBox();
  if (!box) throw new Error("there is no plot");
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.25, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, y, { steps: 5 });
  await page.mouse.up();
  await expect(page).toHaveURL(/[?&]zoom=\d/);
  // A quarter of the points is no more than a chart shows, so none is left out.
  await expect(page.getByText(/of 3,000 points/)).toHaveCount(0);
  await page.getByRole("button", { name: "View as table: loss" }).click();
  await expect(page.getByText(/^200 of 7\d\d rows/)).toBeVisible();
  await page.getByRole("button", { name: "Show as chart: loss" }).click();
  await untilStill(page);
  const found = await new AxeBuilder({ page }).analyze();
  expect(found.violations.map((one) => one.id)).toEqual([]);
  await plot.dblclick();
  await expect(page).not.toHaveURL(/zoom=/);
  await page.getByRole("button", { name: "Zoom", exact: true }).click();
  await page.getByRole("textbox", { name: "From" }).fill("10");
  await page.getByRole("textbox", { name: "To" }).fill("20");
  await page.getByRole("dialog").getByRole("button", { name: "Zoom", exact: true }).click();
  await expect(page).toHaveURL(/zoom=10(,|%2C)20/);
  await page.getByRole("button", { name: "Show all" }).click();
  await expect(page).not.toHaveURL(/zoom=/);
});
