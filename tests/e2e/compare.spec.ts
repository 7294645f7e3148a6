import { AxeBuilder } from "@axe-core/playwright";
import { baseUrl, expect, rest, test, untilStill } from "./session";

interface Made {
  id: string;
}

async function logParams(runId: string, params: object[]): Promise<void> {
  const reply = await fetch(`${baseUrl()}/api/2.0/mlflow/runs/log-batch`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${process.env.E2E_KEY}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ run_id: runId, params }),
  });
  if (!reply.ok) throw new Error(`${reply.status} ${await reply.text()}`);
}

test("runs are kept by an axis without a pointer, and the address says which", async ({
  signedIn: page,
}) => {
  const experiment = await rest<Made>("POST", "/experiments", { name: `axes-${Date.now()}` });
  const runs: Made[] = [];
  for (const depth of [2, 4, 6, 8]) {
    const params = [
      { key: "depth", value: String(depth) },
      { key: "kind", value: depth < 5 ? "small" : "large" },
    ];
    const name = `depth ${depth}`;
    const run = await rest<Made>("POST", "/runs", { experimentId: experiment.id, name });
    await logParams(run.id, params);
    runs.push(run);
  }
  const ids = runs.map(({ id }) => id).join(",");
  await page.goto(`/default/experiments/compare?runs=${ids}&tab=plots&axes=p:depth,p:kind`);
  const low = page.getByRole("slider", { name: "depth, from" });
  await low.press("PageUp");
  await expect(page.getByText("3 of 4 runs pass")).toBeVisible();
  await expect(low).toHaveAttribute("aria-valuetext", "2.6");
  await expect(page).toHaveURL(/[?&]keep=p:depth/);
  await page.reload();
  await expect(page.getByText("3 of 4 runs pass")).toBeVisible();

  await low.press("ArrowRight");
  const word = page.getByRole("slider", { name: "kind, from" });
  await expect(word).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await expect(word).toHaveAttribute("aria-valuetext", "small");
  await expect(page.getByText("1 of 4 runs pass")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByText("3 of 4 runs pass")).toBeVisible();
  await page.keyboard.press("ArrowLeft");
  await expect(low).toBeFocused();
  await page.getByRole("textbox", { name: "To" }).fill("6");
  await expect(page.getByText("2 of 4 runs pass")).toBeVisible();
  await untilStill(page);
  const found = await new AxeBuilder({ page }).analyze();
  expect(found.violations.map((one) => one.id)).toEqual([]);

  await page.getByRole("button", { name: "View as table: Parallel coordinates" }).click();
  const table = page.getByRole("region", { name: "Parallel coordinates as a table" });
  await expect(table.getByRole("row")).toHaveCount(3);
  await page.getByRole("button", { name: "Show as chart: Parallel coordinates" }).click();
  await page.getByRole("button", { name: "Compare only these" }).click();
  await expect(page.getByText("2 runs", { exact: true })).toBeVisible();
  await expect(page).not.toHaveURL(/keep=/);
});

test("the links the MLflow client prints lead to the run, with and without a workspace", async ({
  signedIn: page,
}) => {
  const name = `printed-${Date.now()}`;
  const experiment = await rest<Made>("POST", "/experiments", { name });
  const run = await rest<Made>("POST", "/runs", { experimentId: experiment.id, name: "linked" });
  const fragment = `#/experiments/1/runs/${run.id.replaceAll("-", "")}`;
  await page.goto(`/${fragment}`);
  await expect(page).toHaveURL(new RegExp(`/default/experiments/runs/${run.id}`));
  await expect(page.getByRole("heading", { name: "linked" })).toBeVisible();
  await page.goto(`/w/default/${fragment}`);
  await expect(page).toHaveURL(new RegExp(`/default/experiments/runs/${run.id}`));
  await expect(page.getByRole("heading", { name: "linked" })).toBeVisible();
});
