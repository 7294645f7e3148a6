import type { Browser, Page } from "@playwright/test";
import { type IdentityProvider, startIdentityProvider } from "./identity-provider";
import { baseUrl, expect, rest, test } from "./session";

const CLIENT = { id: "modelyard", secret: "a-client-secret-only-the-token-endpoint-sees" };

interface Stored {
  id: string;
  callbackPath: string;
  hasClientSecret: boolean;
  enabled: boolean;
}

let idp: IdentityProvider;
let other: IdentityProvider;
let provider: Stored;
let second: Stored;

const people = () => ({
  ada: { name: "Ada Lovelace", email: "ada@example.com", groups: ["ml-team"] },
  eve: { name: "Eve", email: "ada@example.com", groups: ["nobody-mapped"] },
});

/** The redirect URI holds the provider's id, so ours is made first, then the one that is asked. */
async function connect(name: string): Promise<[IdentityProvider, Stored]> {
  const stored = await rest<Stored>("POST", "/oidc-providers", {
    name,
    issuer: "https://to-be-set.example.com",
    clientId: CLIENT.id,
    groupRoles: [{ group: "ml-team", role: "ml_engineer" }],
    enabled: false,
  });
  const redirectUris = [`${baseUrl()}${stored.callbackPath}`];
  const started = await startIdentityProvider({ ...CLIENT, redirectUris }, people());
  const changes = { issuer: started.issuer, clientSecret: CLIENT.secret, enabled: true };
  return [started, await rest<Stored>("PATCH", `/oidc-providers/${stored.id}`, changes)];
}

test.beforeAll(async () => {
  [idp, provider] = await connect("Test IdP");
  [other, second] = await connect("Second IdP");
});
test.afterAll(async () => {
  for (const { id } of [provider, second]) await rest("DELETE", `/oidc-providers/${id}`);
  await Promise.all([idp.close(), other.close()]);
});

async function fresh(browser: Browser): Promise<Page> {
  return (await browser.newContext({ baseURL: baseUrl() })).newPage();
}

/** Signs in at the provider's own page, as a person does. */
async function signIn(page: Page, login: string, name = "Test IdP"): Promise<void> {
  await page.goto("/signin?workspace=default");
  await page.getByRole("button", { name: `Sign in with ${name}` }).click();
  await page.locator('input[name="login"]').fill(login);
  await page.locator('input[name="password"]').fill("any");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}

const whoAmI = (page: Page) =>
  page.request.get("/api/v1/me", { headers: { "x-modelyard-workspace": "default" } });

test("a person signs in with the provider and gets the role of their group", async ({
  browser,
}) => {
  const page = await fresh(browser);
  await signIn(page, "ada");
  await expect(page).toHaveURL(/\/default\/overview/);
  const me = await (await whoAmI(page)).json();
  expect(me.actor).toMatchObject({ type: "user", name: "Ada Lovelace", role: "ml_engineer" });
  // The secret travels in the one header that is meant for it.
  expect(idp.tokenCalls.at(-1)).toMatch(/^Basic /);

  await page.getByRole("button", { name: "Account and theme" }).click();
  const cookies = await page.context().cookies();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/signin/);
  // The old cookie, stolen before, is soon worth nothing.
  await page.context().addCookies(cookies);
  await expect.poll(async () => (await whoAmI(page)).status()).toBe(401);
});

test("the role follows the groups at each sign-in, and ends with them", async ({ browser }) => {
  await rest("PATCH", `/oidc-providers/${provider.id}`, {
    groupRoles: [
      { group: "lookers", role: "viewer" },
      { group: "ml-team", role: "ml_engineer" },
    ],
  });
  idp.people.ada = { ...people().ada, groups: ["lookers"] };
  const page = await fresh(browser);
  await signIn(page, "ada");
  await expect(page).toHaveURL(/\/default\/overview/);
  expect((await (await whoAmI(page)).json()).actor.role).toBe("viewer");

  idp.people.ada = { ...people().ada, groups: [] };
  const again = await fresh(browser);
  await signIn(again, "ada");
  await expect(again.getByText("Ask an administrator", { exact: false })).toBeVisible();
  await expect.poll(async () => (await whoAmI(page)).status()).toBe(404);
});

test("whoever is in no mapped group gets in nowhere, same e-mail address or not", async ({
  browser,
}) => {
  const page = await fresh(browser);
  await signIn(page, "eve");
  await expect(page).toHaveURL(/signin\?error=no_role/);
  await expect(page.getByText("You do not belong to this workspace yet")).toBeVisible();
  expect((await whoAmI(page)).status()).toBe(401);
});

test("a callback is worth nothing without the cookies of its own sign-in, or at another provider", async ({
  browser,
}) => {
  const page = await fresh(browser);
  idp.people.ada = people().ada;
  let callback = "";
  page.on("request", (request) => {
    if (request.url().includes(`${provider.callbackPath}?`)) callback = request.url();
  });
  await page.goto("/signin?workspace=default");
  await page.getByRole("button", { name: "Sign in with Test IdP" }).click();
  await page.locator('input[name="login"]').fill("ada");
  await page.locator('input[name="password"]').fill("any");
  await page.getByRole("button", { name: "Sign-in" }).click();
  const cookies = await page.context().cookies(baseUrl());
  await page.context().clearCookies({ name: /next-auth/ });
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page).toHaveURL(/signin\?.*error=/);
  expect(callback).toContain("code=");

  await page.context().addCookies(cookies);
  await page.goto(callback.replace(provider.callbackPath, second.callbackPath));
  await expect(page).toHaveURL(/signin\?.*error=/);
  expect((await whoAmI(page)).status()).toBe(401);

  // The code itself was good all along: with its own cookies, at its own callback, it works.
  await page.context().addCookies(cookies);
  await page.goto(callback);
  await expect(page).toHaveURL(/\/default\/overview/);
});

test("a signed-in person is never joined to an identity of another provider", async ({
  browser,
}) => {
  const page = await fresh(browser);
  await signIn(page, "ada");
  await expect(page).toHaveURL(/\/default\/overview/);
  const first = (await (await whoAmI(page)).json()).actor;
  await signIn(page, "ada", "Second IdP");
  await expect(page).toHaveURL(/\/default\/overview/);
  const members = await rest<{ items: { userId: string; name: string }[] }>("GET", "/members");
  expect(members.items.filter(({ name }) => name === first.name)).toHaveLength(2);
});

test("another issuer never gets the client secret of the one before", async () => {
  const moved = await rest<Stored>("PATCH", `/oidc-providers/${second.id}`, {
    issuer: "https://elsewhere.example.com",
  });
  expect(moved).toMatchObject({ hasClientSecret: false, enabled: false });
  const offered = await fetch(
    `${baseUrl()}/api/trpc/access.signInProviders?input=${encodeURIComponent('{"workspace":"default"}')}`,
  );
  expect(JSON.stringify(await offered.json())).not.toContain(second.id);
});

test("after sign-in nobody is sent to another site", async ({ browser }) => {
  const page = await fresh(browser);
  const { csrfToken } = await (await page.request.get("/api/auth/csrf")).json();
  for (const callbackUrl of [
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
  ]) {
    const reply = await page.request.post("/api/auth/signout", {
      form: { csrfToken, callbackUrl, json: "true" },
    });
    expect(new URL((await reply.json()).url, baseUrl()).origin).toBe(baseUrl());
  }
});
