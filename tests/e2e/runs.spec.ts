import { AxeBuilder } from "@axe-core/playwright";
import { baseUrl, expect, rest, test, untilStill } from "./session";

interface Run {
  id: string;
}

async function post(path: string, body: unknown): Promise<unknown> {
  const reply = await fetch(`${baseUrl()}/api/2.0/mlflow/${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${process.env.E2E_KEY}`,
      "content-type": "application/json",
    },
    body: JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
  return reply.json();
}

/** Twelve runs of two models; the loss of `deep-3` was best before its end. */
async function makeRuns(): Promise<string> {
  const experiment = await rest<{ id: string }>("POST", "/experiments", {
    name: `table-${Date.now()}`,
  });
  for (let i = 0; i < 12; i += 1) {
    const kind = i % 2 === 0 ? "wide" : "deep";
    const run = await rest<Run>("POST", "/runs", {
      experimentId: experiment.id,
      name: `${kind}-${i}`,
    });
    await post("runs/log-batch", {
      run_id: run.id,
      params: [
        { key: "kind", value: kind },
        { key: "lr", value: String(10 ** -(1 + (i % 3))) },
      ],
      metrics: [1, 2, 3].map((step) => ({
        key: "loss",
        value: i === 3 && step === 2 ? 0.01 : 1 + i / 10 - step / 10,
        timestamp: step,
        step,
      })),
    });
  }
  return experiment.id;
}

test("runs are filtered, sorted by their best, grouped, compared, archived and brought back", async ({
  signedIn: page,
}) => {
  const experiment = await makeRuns();
  await page.goto(`/default/experiments/${experiment}`);
  const grid = page.getByRole("grid", { name: "Runs" });
  const names = () => grid.getByRole("link").allTextContents();
  await expect(grid.getByRole("row")).toHaveCount(13);

  const filter = page.getByRole("combobox", { name: "Filter runs" });
  await filter.fill("params.ki");
  await page.getByRole("option", { name: /^params\.kind/ }).click();
  await filter.fill("params.kind = 'deep' OR loss");
  await filter.press("Enter");
  await expect(page.getByRole("alert").filter({ hasText: "character" })).toBeVisible();
  await filter.fill("(params.kind = 'deep' OR metrics.loss < 0.75) AND NOT run_name LIKE '%-11'");
  await filter.press("Enter");
  await expect(grid.getByRole("row")).toHaveCount(7);
  await expect(page).toHaveURL(/[?&]q=/);

  await page.getByRole("button", { name: "Column loss" }).click();
  await page.getByRole("menuitemradio", { name: "Best of all steps" }).click();
  await page.getByRole("button", { name: "Column best loss" }).click();
  await page.getByRole("menuitem", { name: "Lowest first" }).click();
  await expect.poll(async () => (await names())[0]).toBe("deep-3");
  for (const part of [/[?&]sort=/, /[?&]desc=false/, /[?&]cols=/]) {
    await expect(page).toHaveURL(part);
  }
  await page.reload();
  await expect.poll(async () => (await names())[0]).toBe("deep-3");

  await page.getByRole("checkbox", { name: "Choose deep-3" }).click();
  await page.getByRole("button", { name: "Use as baseline" }).click();
  await expect(grid.getByText(/^\+0\.\d+/).first()).toBeVisible();
  await expect(page).toHaveURL(/[?&]base=/);
  const written = await filter.inputValue();
  await filter.fill("params.kind = 'wide'");
  await filter.press("Enter");
  await expect(grid.getByRole("row")).toHaveCount(8);
  await expect(grid.getByRole("row").nth(1).getByRole("img", { name: "Baseline" })).toBeVisible();
  await filter.fill(written);
  await filter.press("Enter");
  await expect(grid.getByRole("row")).toHaveCount(7);
  await page.getByRole("checkbox", { name: "Choose wide-0" }).click();
  await page.getByRole("link", { name: "Compare" }).click();
  await expect(page.getByRole("rowheader", { name: "kind" })).toBeVisible();
  await page.getByRole("tab", { name: "Plots" }).click();
  await expect(page.getByRole("img", { name: /2 runs over/ })).toBeVisible();
  await page.getByRole("tab", { name: "Curves" }).click();
  await expect(page.getByRole("button", { name: "wide-0", exact: true })).toBeVisible();
  await expect(page).toHaveURL(/[?&]tab=curves/);

  await page.goto(`/default/experiments/${experiment}?group=p:kind`);
  await expect(page.getByRole("row", { name: /deep/ })).toContainText("6");
  await page.getByRole("row", { name: /deep/ }).getByRole("button").click();
  await expect(grid.getByRole("row")).toHaveCount(7);

  await page.getByRole("checkbox", { name: "Choose all loaded rows" }).click();
  await page.getByRole("button", { name: "Archive", exact: true }).click();
  await expect(page.getByText("No run matches")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(grid.getByRole("row")).toHaveCount(7);
  await untilStill(page);
  const found = await new AxeBuilder({ page }).analyze();
  expect(found.violations.map((one) => one.id)).toEqual([]);
});

test("a view is saved, opened and deleted, and the grid obeys the keyboard", async ({
  signedIn: page,
}) => {
  const experiment = await makeRuns();
  await page.goto(`/default/experiments/${experiment}?q=${encodeURIComponent("metrics.loss < 1")}`);
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Save this view" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("good ones");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Saved as good ones")).toBeVisible();
  await page.goto(`/default/experiments/${experiment}`);
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "good ones" }).click();
  await expect(page).toHaveURL(/metrics\.loss/);

  const rows = page.getByRole("grid", { name: "Runs" }).getByRole("row");
  await expect(rows.nth(1)).toBeVisible();
  await page.reload();
  await expect(rows.nth(1)).toBeVisible();
  await page.keyboard.press("j");
  await expect(rows.nth(1)).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  await expect(rows.nth(2)).toHaveAttribute("aria-selected", "true");
  const width = page.getByRole("separator", { name: "Width of loss" });
  const before = Number(await width.getAttribute("aria-valuenow"));
  await width.focus();
  await page.keyboard.press("ArrowRight");
  await expect(width).toHaveAttribute("aria-valuenow", String(before + 16));
  await expect(page).toHaveURL(/[?&]w=/);
  await rows.nth(2).focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/experiments\/runs\//);
});
