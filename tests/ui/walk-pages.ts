import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { type BrowserContext, chromium, type Page } from "@playwright/test";
import { findBrowser } from "@/scripts/find-browser";
import { listDialogs } from "./list-dialogs";
import { listPages, type WalkedPage } from "./list-pages";

/**
 * Walks every page and dialog of a running Modelyard in light and dark, wide and at 390 px, takes a picture
 * and runs axe with the WCAG 2.2 AA rules. Ends with 1 when axe or the console finds anything.
 *
 * npx tsx tests/ui/walk-pages.ts <url> <folder> [part of a page's name]
 * The first time, <url> is the sign-in link; the session is kept in <folder>.
 */
const [url = "http://127.0.0.1:3000", folder = "screenshots", only = ""] = process.argv.slice(2);
const ACT_MS = 15_000;
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const VIEWS = [
  { name: "wide-light", width: 1440, height: 900, scheme: "light" },
  { name: "wide-dark", width: 1440, height: 900, scheme: "dark" },
  { name: "phone-light", width: 390, height: 844, scheme: "light" },
  { name: "phone-dark", width: 390, height: 844, scheme: "dark" },
] as const;

await mkdir(folder, { recursive: true });
const state = join(folder, "session.json");
const origin = new URL(url).origin;
const executablePath = findBrowser();
const browser = await chromium.launch({
  ...(executablePath && { executablePath }),
  args: ["--no-sandbox"],
});
let problems = 0;
try {
  if (url.includes("/signin/link")) await signIn();
  const pages = (
    await withContext(VIEWS[0], async ({ request }) => [
      ...(await listPages(request, origin)),
      ...(await listDialogs(request, origin)),
    ])
  ).filter((page) => page.name.includes(only));
  for (const view of VIEWS) {
    if (process.env.VIEW && !view.name.includes(process.env.VIEW)) continue;
    await withContext(view, async (context) => {
      for (const page of pages) problems += await visit(context, view, page);
    });
  }
} finally {
  await browser.close();
}
process.stdout.write(problems === 0 ? "No problems.\n" : `${problems} problems.\n`);
process.exitCode = problems === 0 ? 0 : 1;

async function signIn(): Promise<void> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/overview$/);
  await context.storageState({ path: state });
  await context.close();
}

async function withContext<T>(
  view: (typeof VIEWS)[number],
  work: (context: BrowserContext) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext({
    viewport: { width: view.width, height: view.height },
    colorScheme: view.scheme,
    reducedMotion: "reduce",
    ...(existsSync(state) && { storageState: state }),
  });
  try {
    return await work(context);
  } finally {
    await context.close();
  }
}

async function visit(
  context: BrowserContext,
  view: (typeof VIEWS)[number],
  target: WalkedPage,
): Promise<number> {
  const page = await context.newPage();
  page.setDefaultTimeout(ACT_MS);
  const found: string[] = [];
  page.on("pageerror", (error) => found.push(`page error: ${error.message}`));
  page.on("console", (message) => {
    const expected = target.name === "not-found" && message.text().includes("404");
    if (message.type() === "error" && !expected) {
      found.push(`console: ${message.text().slice(0, 400)}`);
    }
  });
  await page.goto(origin + target.path, { waitUntil: "load", timeout: 120_000 });
  await settle(page);
  await target.act?.(page).catch((error: unknown) => {
    found.push(`cannot be brought into its state: ${String(error).split("\n")[0]}`);
  });
  await page.screenshot({
    path: join(folder, `${target.name}-${view.name}.png`),
    fullPage: !target.act,
  });
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  if (overflow > 1) found.push(`the page is ${overflow} px wider than the window`);
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  for (const violation of violations) {
    const where = violation.nodes.slice(0, 3).map((node) => node.target.join(" "));
    found.push(`axe ${violation.id}: ${violation.help} at ${where.join(" | ")}`);
  }
  for (const line of found) process.stdout.write(`${target.name} ${view.name}: ${line}\n`);
  await page.close();
  return found.length;
}

/** Waits until no skeleton is left. Pages follow changes, so the network is never idle. */
async function settle(page: Page): Promise<void> {
  await page
    .waitForFunction(() => document.querySelectorAll(".animate-pulse").length === 0, undefined, {
      timeout: 30_000,
    })
    .catch(() => undefined);
  await page.waitForTimeout(400);
}
