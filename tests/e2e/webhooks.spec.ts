import { execFileSync } from "node:child_process";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { baseUrl, expect, expectAccessible, rest, test } from "./session";

interface Message {
  headers: IncomingHttpHeaders;
  body: string;
}

/** An address outside; it answers what `status` says. */
const receiver = { status: 204, url: "", got: [] as Message[] };
let server: Server;

test.beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      receiver.got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(receiver.status).end(receiver.status === 204 ? undefined : "no thanks");
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
test.afterAll(() => new Promise((done) => server.close(done)));

const act = async (page: Page, name: string, action: string) => {
  await page.getByRole("button", { name: `Actions of ${name}` }).click();
  await page.getByRole("menuitem", { name: action }).click();
};

/** Runs the check the page shows, as a receiver would. */
function isGenuine(check: string, secret: string, { headers, body }: Message): boolean {
  const given = { secret, headers, body };
  const program = [
    "import json, sys",
    "given = json.load(sys.stdin)",
    "SECRET, headers, body = given['secret'], given['headers'], given['body'].encode()",
    check,
    "print(genuine)",
  ].join("\n");
  const answer = execFileSync("python3", ["-c", program], { input: JSON.stringify(given) });
  return answer.toString().trim() === "True";
}

test("a webhook is made with a secret shown once, tested, delivered to, edited and deleted", async ({
  signedIn: page,
}) => {
  const name = `release channel ${Date.now()}`;
  await page.goto("/default/settings/webhooks");
  await page.getByRole("button", { name: "Create webhook" }).click();
  await expect(page).toHaveURL(/show=create/);
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByRole("textbox", { name: "URL" }).fill(receiver.url);
  await page.getByRole("checkbox", { name: "Versions", exact: true }).click();
  await page.getByRole("checkbox", { name: "Versions", exact: true }).click();
  await expect(page.getByText("Choose at least one event.")).toBeVisible();
  await page.getByRole("checkbox", { name: "Model created" }).click();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Create", exact: true }).click();
  const dialog = page.getByRole("dialog");
  const secret = (await dialog.getByText(/^whsec_\S+$/).textContent())?.trim() ?? "";
  const check = (await dialog.getByText(/^import base64/).textContent()) ?? "";
  expect(check.trim().split("\n")).toHaveLength(5);
  await page.getByRole("button", { name: "Done" }).click();
  const row = page.getByRole("row").filter({ hasText: name });
  await expect(row).toContainText("Model created");
  await expect(row).toContainText("none yet");

  await act(page, name, "Send a test");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(dialog).toContainText("The address answered 204.");
  const [tested] = receiver.got;
  if (!tested) throw new Error("nothing arrived");
  expect(isGenuine(check, secret, tested)).toBe(true);
  expect(isGenuine(check, secret, { ...tested, body: `${tested.body} ` })).toBe(false);
  receiver.status = 410;
  await page.getByRole("button", { name: "Send again" }).click();
  await expect(dialog).toContainText("The address answered 410.");
  await expect(dialog).toContainText("no thanks");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Close" }).first().click();

  const model = `hooked-${Date.now()}`;
  await rest("POST", "/models", { name: model, type: "regression", framework: "xgboost" });
  await row.getByRole("button", { name, exact: true }).click();
  await expect(page).toHaveURL(/show=deliveries/);
  const delivery = dialog.getByRole("listitem").filter({ hasText: "registered_model.created" });
  await expect(delivery).toContainText("HTTP 410", { timeout: 40_000 });
  await expect(delivery).toContainText("1 try");
  await delivery.locator("summary").click();
  await expect(delivery).toContainText(model);
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Delivered", exact: true }).click();
  await expect(dialog).toContainText("No delivery is in this state");
  await dialog.getByRole("button", { name: "Close" }).first().click();

  await act(page, name, "Edit");
  await page.getByRole("switch", { name: /Active/ }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(row).toContainText("Disabled");
  await act(page, name, "Delete");
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await expect(row).toHaveCount(0);
});

test("an address that may not be called is refused in the dialog", async ({ signedIn: page }) => {
  await page.goto("/default/settings/webhooks?show=create");
  await page.getByRole("textbox", { name: "Name" }).fill("Files");
  await page.getByRole("textbox", { name: "URL" }).fill("ftp://example.com/hook");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await expect(page.getByRole("dialog")).toContainText(/https/);
  await expect(page.getByRole("button", { name: "Create", exact: true })).toBeVisible();
});

test("who may not change the workspace sees no tab and is told whom to ask", async ({
  browser,
}) => {
  const { path } = await rest<{ path: string }>("POST", "/invitations", {
    name: `Vera ${Date.now()}`,
    role: "viewer",
  });
  const page = await (await browser.newContext({ baseURL: baseUrl() })).newPage();
  await page.goto(path);
  await page.getByRole("button", { name: "Join the workspace" }).click();
  await expect(page).toHaveURL(/\/default/);
  await page.goto("/default/settings/webhooks");
  await expect(page.getByText(/To change the workspace, ask/)).toBeVisible();
  await expect(page.getByRole("link", { name: "Webhooks" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Create webhook" })).toHaveCount(0);
  await page.context().close();
});
