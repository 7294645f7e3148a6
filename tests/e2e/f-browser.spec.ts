import type { Page } from "@playwright/test";
import { baseUrl, expect, rest, test } from "./session";

/** Markup in every shape a page could take for its own. */
const MARKUP = [
  `<img src=x onerror="window.__ran=1;alert(1)">`,
  `<script>window.__ran=2;alert(2)</script>`,
  `"><svg onload="window.__ran=3;alert(3)">`,
  `'-alert(4)-'`,
  "{{7*7}} {{constructor.constructor}}",
].join(" ");

const MARKDOWN = `# Card ${MARKUP}

[link](javascript:alert(6)) ![picture](x "onerror=alert(7)") <iframe srcdoc="<script>alert(8)</script>"></iframe>

<a href="javascript:alert(9)">a</a> [data](data:text/html,<script>alert(10)</script>)`;

const HTML = "<!doctype html><script>window.__ran=4;alert(11)</script>";
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(12)"><script>alert(13)</script></svg>`;

interface Named {
  id: string;
}

async function mlflow(path: string, init: RequestInit): Promise<Record<string, never>> {
  const reply = await fetch(`${baseUrl()}/api/2.0/${path}`, {
    ...init,
    headers: { authorization: `Bearer ${process.env.E2E_KEY}`, ...init.headers },
  });
  if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as Record<string, never>;
}

const post = (path: string, body: unknown) =>
  mlflow(`mlflow/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

/** Markup in every text that the product takes from people; answers the pages that show it. */
async function plant(): Promise<{ pages: string[]; runId: string }> {
  const unique = Date.now();
  const model = await rest<Named>("POST", "/models", {
    name: `canary-${unique}`,
    description: MARKUP,
    type: "regression",
    framework: "xgboost",
    features: [MARKUP.slice(0, 400)],
    targetVariable: MARKUP.slice(0, 400),
    hyperparameters: { [MARKUP.slice(0, 100)]: MARKUP },
    tags: { canary: MARKUP.slice(0, 100) },
  });
  await rest("PATCH", `/models/${model.id}`, { card: MARKDOWN });
  const experiment = await rest<Named>("POST", "/experiments", {
    name: `${MARKUP.slice(0, 200)} ${unique}`,
    description: MARKUP,
  });
  const run = await rest<Named & { mlflowRunId?: string }>("POST", "/runs", {
    experimentId: experiment.id,
    name: MARKUP.slice(0, 200),
    tags: [
      { key: "mlflow.note.content", value: MARKDOWN },
      { key: "canary", value: MARKUP },
    ],
  });
  const runId = run.id.replaceAll("-", "");
  await post("runs/log-batch", {
    run_id: runId,
    params: [{ key: "canary", value: MARKUP }],
    metrics: [0, 1, 2].map((step) => ({ key: "canary", value: step, timestamp: unique, step })),
  });
  for (const [name, body] of [
    ["page.html", HTML],
    ["image.svg", SVG],
  ] as const) {
    await mlflow(`mlflow-artifacts/artifacts/${await artifactRoot(runId)}/${name}`, {
      method: "PUT",
      body,
    });
  }
  const form = new FormData();
  form.set("name", `canary ${unique}`);
  form.set(
    "file",
    new Blob([`"${MARKUP.replaceAll('"', '""')}",b\n"${MARKUP.replaceAll('"', '""')}",1\nx,2\n`]),
    "c.csv",
  );
  const dataset = await rest<Named>("POST", "/datasets", form);
  await rest("POST", "/api-keys", { name: MARKUP.slice(0, 200), role: "viewer" });
  await rest("POST", "/invitations", { name: MARKUP.slice(0, 200), role: "viewer" });
  return {
    runId: run.id,
    pages: [
      "overview",
      "registry",
      `registry/${model.id}`,
      "experiments",
      `experiments/${experiment.id}`,
      `experiments/runs/${run.id}`,
      "datasets",
      `datasets/${dataset.id}`,
      "settings/api-keys",
      "settings/members",
      "settings/audit",
    ],
  };
}

/** Where the stock client would write the files of a run, below /mlflow-artifacts/artifacts/. */
async function artifactRoot(runId: string): Promise<string> {
  const { run } = (await mlflow(`mlflow/runs/get?run_id=${runId}`, {})) as unknown as {
    run: { info: { artifact_uri: string } };
  };
  return run.info.artifact_uri.replace(/^mlflow-artifacts:\/*/, "");
}

/** Collects everything a page does that it should not. */
async function watch(page: Page): Promise<string[]> {
  const wrong: string[] = [];
  page.on("dialog", (dialog) => {
    wrong.push(`${page.url()} opened a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("pageerror", (error) => wrong.push(`${page.url()} ${error}`));
  await page.exposeFunction("reportViolation", (text: string) => wrong.push(text));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      const report = (window as unknown as { reportViolation(text: string): void }).reportViolation;
      report(`${location.pathname} ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  return wrong;
}

test("markup in any text stays text, and no page breaks its own policy", async ({
  signedIn: page,
}) => {
  const { pages } = await plant();
  const wrong = await watch(page);
  for (const path of pages) {
    const reply = await page.goto(`/default/${path}`);
    const policy = reply?.headers()["content-security-policy"] ?? "";
    expect(policy, path).toMatch(/script-src 'nonce-[^']+' 'strict-dynamic'/);
    await expect(page.getByRole("heading").first()).toBeVisible();
    await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
    const scripts = await page.evaluate(() => ({
      ran: (window as unknown as { __ran?: number }).__ran,
      bare: [...document.scripts].filter(({ src, nonce }) => !src && !nonce).length,
      handlers: document.querySelectorAll("[onerror],[onload],iframe,a[href^='javascript:']")
        .length,
    }));
    expect(scripts, path).toEqual({ ran: undefined, bare: 0, handlers: 0 });
    for (const tab of await page.getByRole("tab").all()) {
      await tab.click();
      await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
    }
  }
  expect(wrong).toEqual([]);
});

test("markup that slips into a page runs nothing without the nonce", async ({ signedIn: page }) => {
  const injected = [
    "<script>window.__ran=1</script>",
    '<script src="/theme.js?injected"></script>',
    '<img src="/nowhere" onerror="window.__ran=2">',
    '<iframe srcdoc="<script>parent.__ran=3</script>"></iframe>',
    '<base href="https://evil.example/">',
    '<a id="canary-link" href="javascript:window.__ran=4">x</a>',
  ].join("");
  await page.route("**/default/overview", async (route) => {
    const reply = await route.fetch();
    const body = (await reply.text()).replace(/<body[^>]*>/, (tag) => tag + injected);
    await route.fulfill({ response: reply, body });
  });
  const blocked: string[] = [];
  await page.exposeFunction("reportViolation", (text: string) => blocked.push(text));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      const report = (window as unknown as { reportViolation(text: string): void }).reportViolation;
      report(event.violatedDirective);
    });
  });
  await page.goto("/default/overview");
  await page.evaluate(() => document.getElementById("canary-link")?.click());
  await expect
    .poll(() => [...new Set(blocked)].sort())
    .toEqual(["base-uri", "script-src-attr", "script-src-elem"]);
  await page.waitForTimeout(500);
  const ran = await page.evaluate(() => (window as unknown as { __ran?: number }).__ran);
  expect(ran).toBeUndefined();
});

test("HTML and SVG artifacts come down as files that a browser never runs", async ({
  signedIn: page,
}) => {
  const { runId } = await plant();
  const wrong = await watch(page);
  await page.goto("/default/overview");
  for (const name of ["page.html", "image.svg"]) {
    const path = `/api/v1/runs/${runId}/artifacts/${name}?workspace=default`;
    const download = page.waitForEvent("download");
    await page.evaluate((url) => {
      location.href = url;
    }, path);
    expect((await download).suggestedFilename()).toBe(name);
    const reply = await page.request.get(path);
    expect(reply.headers()).toMatchObject({
      "content-disposition": expect.stringContaining("attachment"),
      "content-security-policy": expect.stringContaining("sandbox"),
      "x-content-type-options": "nosniff",
    });
    // An attachment is no document, but an image could still be embedded.
    await page.evaluate(async (url) => {
      const image = document.createElement("img");
      image.src = url;
      document.body.append(image);
      await new Promise((done) => setTimeout(done, 300));
    }, path);
  }
  expect(wrong).toEqual([]);
});

test("the API documentation works under its policy", async ({ page }) => {
  const wrong = await watch(page);
  await page.goto(`${baseUrl()}/docs/api`);
  await expect(page.getByText("Upload a dataset").first()).toBeVisible({ timeout: 60_000 });
  // Its program tries whether it may evaluate text, and does without.
  expect(wrong.filter((text) => !text.startsWith("/docs/api script-src eval"))).toEqual([]);
});

test("signing in and out works under the policy; a foreign name is not served", async ({
  page,
  request,
}) => {
  const wrong = await watch(page);
  await page.goto(`${baseUrl()}/signin`);
  await expect(page.getByRole("heading").first()).toBeVisible();
  expect(wrong).toEqual([]);
  const reply = await request.get(`${baseUrl()}/signin`, { headers: { host: "evil.example" } });
  expect(reply.status()).toBe(421);
  const lost = await page.goto(`${baseUrl()}/default/there/is/no/such/page`);
  expect(lost?.status()).toBe(404);
  await expect(page.getByText("There is no such page")).toBeVisible();
  expect(wrong).toEqual([]);
  const image = await request.get(`${baseUrl()}/_next/image?url=%2Ficon.svg&w=64&q=75`);
  expect(image.status()).toBe(404);
});
