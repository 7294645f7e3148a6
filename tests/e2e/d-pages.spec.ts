import AxeBuilder from "@axe-core/playwright";
import { expect, rest, test, untilStill } from "./session";

interface Listed {
  items: { id: string; name: string }[];
}

/** One path of every kind of page, on the data the specs before this one made. */
async function paths(): Promise<string[]> {
  const first = async (path: string) => (await rest<Listed>("GET", path)).items[0]?.id ?? "";
  const [dataset, model, job, deployment, run] = await Promise.all(
    ["/datasets", "/models", "/training-jobs", "/deployments", "/runs"].map(first),
  );
  return [
    "overview",
    "datasets",
    `datasets/${dataset}`,
    "registry",
    `registry/${model}`,
    `registry/${model}?tab=board`,
    `registry/${model}?tab=aliases`,
    `registry/${model}?tab=lineage`,
    `registry/${model}?tab=benchmarks`,
    `registry/${model}?tab=history`,
    `registry/${model}/versions/1`,
    `registry/${model}/versions/1?tab=history`,
    "registry/approvals?show=all",
    "registry/stages",
    "training",
    "training/new",
    `training/${job}`,
    "experiments",
    `experiments/runs/${run}`,
    "deployments",
    `deployments/${deployment}`,
    `deployments/${deployment}?tab=playground`,
    "settings/members",
    "settings/api-keys",
    "settings/roles",
    "settings/grants",
    "settings/sign-in",
    "settings/workspace",
    "settings/audit",
  ];
}

const LOOKS = [
  { name: "wide and light", width: 1440, height: 900, scheme: "light" },
  { name: "narrow and dark", width: 390, height: 844, scheme: "dark" },
] as const;

for (const look of LOOKS) {
  test(`axe finds nothing on any page, ${look.name}; no page logs an error`, async ({
    signedIn: page,
  }) => {
    test.setTimeout(400_000);
    await page.setViewportSize({ width: look.width, height: look.height });
    await page.emulateMedia({ colorScheme: look.scheme, reducedMotion: "reduce" });
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(`${page.url()} ${error}`));
    for (const path of await paths()) {
      await page.goto(`/default/${path}`);
      await expect(page.getByRole("heading").first()).toBeVisible();
      await page.waitForLoadState("load");
      await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
      await untilStill(page);
      const { violations } = await new AxeBuilder({ page })
        .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"])
        .analyze();
      for (const { id, nodes } of violations) {
        problems.push(
          `${path} ${id}: ${nodes
            .slice(0, 3)
            .map((node) => node.html.slice(0, 160))
            .join(" | ")}`,
        );
      }
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - window.innerWidth,
      );
      if (overflow > 1) problems.push(`${path} is ${overflow} px wider than the window`);
    }
    expect(problems).toEqual([]);
  });
}

test("a key combination finds any page", async ({ signedIn: page }) => {
  await page.goto("/default/overview");
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
  await page.keyboard.press("Control+k");
  const search = page.getByRole("dialog").getByRole("combobox");
  await search.fill("datasets");
  await expect(page.getByRole("option", { name: /^Datasets/ })).toHaveAttribute(
    "aria-selected",
    "true",
  );
  await search.press("Enter");
  await expect(page).toHaveURL(/\/datasets/);
});
