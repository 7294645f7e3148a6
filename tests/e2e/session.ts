import { existsSync } from "node:fs";
import { type Browser, test as base, type Page } from "@playwright/test";

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

export { expect } from "@playwright/test";
