import { existsSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, test as base, expect, type Page } from "@playwright/test";

/** Where the one sign-in of a test run leaves its cookie. */
export const SESSION = "node_modules/.cache/modelyard/session.json";

export const baseUrl = (): string => process.env.E2E_URL ?? "";

/** The REST API with the administrator key of the product under test. */
export async function rest<T>(method: string, path: string, body?: unknown): Promise<T> {
  const reply = await fetch(`${baseUrl()}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${process.env.E2E_KEY}`,
      ...(body && !(body instanceof FormData) ? { "content-type": "application/json" } : {}),
    },
    ...(body ? { body: body instanceof FormData ? body : JSON.stringify(body) } : {}),
  });
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as T;
}

/** Pages of somebody who is signed in. */
export const test = base.extend<{ signedIn: Page }>({
  signedIn: async ({ browser }, use) => {
    const page = await openSignedIn(browser);
    await use(page);
    await page.context().close();
  },
});

async function openSignedIn(browser: Browser): Promise<Page> {
  if (!existsSync(SESSION)) throw new Error("sign-in.spec.ts runs first and leaves the session");
  const context = await browser.newContext({ storageState: SESSION, baseURL: baseUrl() });
  return context.newPage();
}

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Waits until nothing on the page fades or slides any more: half seen, text has too little contrast. */
export async function untilStill(page: Page): Promise<void> {
  // What spins for ever counts as standing.
  const moving = () =>
    document
      .getAnimations()
      .filter(
        (one) =>
          one.playState === "running" && one.effect?.getComputedTiming().endTime !== Infinity,
      ).length;
  await expect.poll(() => page.evaluate(moving)).toBe(0);
}

/** Fails where axe finds something on the page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  await untilStill(page);
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  expect(violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`)).toEqual([]);
}

/** Takes an option of a select; answers when its list is gone, which the next one could be taken for. */
export async function choose(page: Page, field: string, option: string | RegExp): Promise<void> {
  await page.getByRole("combobox", { name: field, exact: true }).click();
  await page.getByRole("option", { name: option }).click();
  await expect(page.getByRole("option")).toHaveCount(0);
}

/** Somebody with a role, signed in by the invitation they got. */
export async function colleague(browser: Browser, name: string, role: string): Promise<Page> {
  const { path } = await rest<{ path: string }>("POST", "/invitations", { name, role });
  const page = await (await browser.newContext({ baseURL: baseUrl() })).newPage();
  await page.goto(path);
  await page.getByRole("button", { name: "Join the workspace" }).click();
  await expect(page).toHaveURL(/\/default/);
  return page;
}

export { expect };
