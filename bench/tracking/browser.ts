/**
 * What somebody waits for in a real browser over 100,000 runs of 20 metrics: the first rows of the runs
 * table and a comparison of 200 runs. The built product runs as `npm start` runs it.
 * Usage: npx tsx bench/tracking/browser.ts [calls a figure] (BENCH_SIGN_IN=<link>: a product that runs
 * and has the runs already)
 */
import { cpus, loadavg } from "node:os";
import { type BrowserContext, chromium, type Page } from "@playwright/test";
import { findBrowser } from "@/scripts/find-browser";
import { type Product, startProduct } from "./product";
import { RUNS } from "./seed-runs";

const CALLS = Number(process.argv[2] ?? 7);
const VIEWPORT = { width: 1440, height: 900 };
/** Runs of a comparison: a page of the table. */
const COMPARED = 200;

const ROWS = '[role="grid"] [data-row="0"] a';
const COMPARISON = `tbody tr:nth-of-type(2) td:nth-of-type(${COMPARED})`;

/** Resolves the frame after `selector` shows, in milliseconds since `from`. */
const SHOWN = (selector: string) => `new Promise((resolve) => {
  const look = () => {
    if (!document.querySelector(${JSON.stringify(selector)})) return requestAnimationFrame(look);
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now()), 0));
  };
  look();
})`;

/** Milliseconds from the click on a link to the frame that shows what it leads to. */
async function clicked(page: Page, link: string, selector: string): Promise<number> {
  await page.evaluate(
    `addEventListener("click", (event) => {
      window.waited = ${SHOWN(selector)}.then((at) => at - event.timeStamp);
    }, { capture: true, once: true })`,
  );
  await page.locator(link).click();
  return page.evaluate<number>("window.waited");
}

/** Milliseconds from the request of a page to the frame that shows `selector`. */
async function loaded(page: Page, url: string, selector: string): Promise<number> {
  await page.goto(url, { waitUntil: "commit" });
  return page.evaluate<number>(SHOWN(selector));
}

type Figure = (context: BrowserContext, product: Product) => Promise<number>;

const experimentLink = ({ experiment }: Product) => `a[href$="/experiments/${experiment}"]`;

async function openList(context: BrowserContext, product: Product): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${product.origin}/default/experiments`);
  await page.locator(experimentLink(product)).waitFor();
  // The page's own work is done by then; a person takes longer to find the link.
  await page.waitForLoadState("load");
  await page.waitForTimeout(1_000);
  return page;
}

async function openTable(context: BrowserContext, product: Product): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${product.origin}/default/experiments/${product.experiment}`);
  await page.locator(ROWS).waitFor();
  await page.waitForTimeout(1_000);
  return page;
}

const FIGURES: Record<string, Figure> = {
  "click on the experiment to its first rows": async (context, product) => {
    const page = await openList(context, product);
    return clicked(page, experimentLink(product), ROWS);
  },
  "page load to the first rows, files cached": async (context, product) => {
    const page = await openTable(context, product);
    return loaded(page, page.url(), ROWS);
  },
  "page load to the first rows, nothing cached": async (context, product) => {
    const page = await context.newPage();
    return loaded(page, `${product.origin}/default/experiments/${product.experiment}`, ROWS);
  },
  "click on Compare to 200 runs side by side": async (context, product) => {
    const page = await openTable(context, product);
    await page.locator(ROWS).focus();
    await page.keyboard.press("End");
    await page.getByText(new RegExp(`^${COMPARED} of`)).waitFor();
    await page.getByRole("checkbox", { name: "Choose all loaded rows" }).click();
    return clicked(page, 'section[aria-label="Chosen runs"] a', COMPARISON);
  },
  "sort by best metric to its first rows": async (context, product) => {
    const page = await openTable(context, product);
    const shown = await page.locator(ROWS).textContent();
    const url = `${page.url()}?sort=m%3Abest%3Am00`;
    await page.goto(url, { waitUntil: "commit" });
    const at = await page.evaluate<number>(SHOWN(ROWS));
    if ((await page.locator(ROWS).textContent()) === shown) throw new Error("not sorted");
    return at;
  },
};

const median = (times: number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;

const product = await startProduct();
const executablePath = findBrowser();
const browser = await chromium.launch({
  ...(executablePath && { executablePath }),
  args: ["--no-sandbox"],
});
try {
  const signedIn = await browser.newContext({ viewport: VIEWPORT });
  const page = await signedIn.newPage();
  await page.goto(product.signIn);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/overview$/);
  const storageState = await signedIn.storageState();
  await signedIn.close();
  console.log(`${cpus().length} × ${cpus()[0]?.model}, ${RUNS} runs, median of ${CALLS}\n`);
  console.log("| what | median ms | least | greatest | load |\n|---|---:|---:|---:|---:|");
  for (const [name, figure] of Object.entries(FIGURES)) {
    const times: number[] = [];
    // The first one is for the server's caches.
    for (let call = 0; call <= CALLS; call += 1) {
      const context = await browser.newContext({ viewport: VIEWPORT, storageState });
      const time = await figure(context, product);
      if (call > 0) times.push(time);
      await context.close();
    }
    const [least, middle, most] = [Math.min(...times), median(times), Math.max(...times)].map(
      (time) => time.toFixed(0),
    );
    console.log(`| ${name} | ${middle} | ${least} | ${most} | ${loadavg()[0]?.toFixed(1)} |`);
  }
} finally {
  await browser.close();
  await product.stop();
}
process.exit(0);
