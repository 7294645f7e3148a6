import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { baseUrl, expect, expectAccessible, rest, test } from "./session";

/** A server elsewhere with one model that adds two numbers and speaks JSON alone. */
let stranger: Server;
let strangerUrl: string;
test.beforeAll(async () => {
  stranger = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => response.end(JSON.stringify(answerOf(request.url ?? "", pieces))));
  });
  await new Promise<void>((done) => stranger.listen(0, "127.0.0.1", done));
  strangerUrl = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
});
test.afterAll(() => new Promise((done) => stranger.close(done)));

function answerOf(path: string, body: Buffer[]): unknown {
  if (path === "/v2/models/sum") {
    return {
      name: "sum",
      inputs: [{ name: "numbers", datatype: "FP64", shape: [-1, 2] }],
      outputs: [{ name: "total", datatype: "FP64", shape: [-1] }],
    };
  }
  if (!path.endsWith("/infer")) return {};
  const { inputs } = JSON.parse(Buffer.concat(body).toString()) as { inputs: { data: number[] }[] };
  const [a = 0, b = 0] = (inputs[0]?.data ?? []).flat();
  const outputs = [{ name: "total", datatype: "FP64", shape: [1], data: [a + b] }];
  return { model_name: "sum", outputs };
}

/** Says what a node at a made-up address would say. */
async function announce(host: string, leaving = false): Promise<void> {
  const secret = (await readFile(join(process.env.E2E_HOME ?? "", "secret"), "utf8")).trim();
  const reply = await fetch(`${baseUrl()}/api/v1/nodes/announce`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-modelyard-node-token": createHmac("sha256", secret).update("node").digest("hex"),
    },
    body: JSON.stringify({
      url: `http://${host}`,
      labels: { zone: "eu" },
      memoryBytes: 2 ** 30,
      modelsMax: 100,
      version: "test",
      load: { inFlight: 0, queued: 0, models: 0, bytesUsed: 0 },
      leaving,
    }),
  });
  if (!reply.ok) throw new Error(`announce: ${reply.status} ${await reply.text()}`);
}

test("the bundled node registers by itself, and its page says what it holds", async ({
  signedIn: page,
}) => {
  await page.goto("/default/nodes");
  const table = page.getByRole("table", { name: "Nodes" });
  await expect(table.getByText("Ready").first()).toBeVisible({ timeout: 30_000 });
  await expect(table.getByText(/of 2.0 GiB/).first()).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Add a node" }).click();
  await expect(page).toHaveURL(/show=add/);
  await expect(page.getByText(/npm run node -- --register http/)).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Done" }).click();
  await table.getByRole("link").first().click();
  await expect(page).toHaveURL(/\/nodes\/[0-9a-f-]{36}$/);
  await expect(page.getByText("Requests at work")).toBeVisible();
  await expectAccessible(page);
});

test("a node is drained with an undo, and removed once it is gone", async ({ signedIn: page }, {
  retry,
}) => {
  // One of its own for each try: the one before may have left it drained.
  const host = `127.0.0.1:${9 + retry}`;
  await announce(host);
  let isAlive = true;
  const heart = (async () => {
    while (isAlive) {
      await announce(host).catch(() => undefined);
      await sleep(1_000);
    }
  })();
  await page.goto("/default/nodes");
  const row = page.getByRole("row").filter({ hasText: host });
  const act = async (action: string) => {
    await page.getByRole("button", { name: `Actions of ${host}` }).click();
    await page.getByRole("menuitem", { name: action }).click();
  };
  await expect(row.getByText("zone=eu")).toBeVisible();
  await act("Drain");
  await page.getByRole("button", { name: "Drain", exact: true }).click();
  await expect(row.getByText(/Drain/)).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(row.getByText("Ready")).toBeVisible();
  isAlive = false;
  // A beat that is under way would bring it back.
  await heart;
  await announce(host, true);
  await expect(row.getByText("Away")).toBeVisible({ timeout: 60_000 });
  await act("Remove");
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(row).toHaveCount(0);
});

test("a model on another server is checked, registered and shown with its endpoint", async ({
  signedIn: page,
}) => {
  const name = `external ${Date.now()}`;
  const model = await rest<{ id: string }>("POST", "/models", {
    name,
    type: "regression",
    framework: "custom",
  });
  await page.goto(`/default/registry/${model.id}`);
  await page.getByRole("button", { name: "Register external model" }).click();
  await expect(page).toHaveURL(/external=true/);
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Server" }).fill(strangerUrl);
  await dialog.getByRole("textbox", { name: "Model there" }).fill("sum");
  await dialog.getByRole("button", { name: "Check" }).click();
  await expect(dialog.getByRole("alert")).toContainText("outputs");
  await dialog.getByRole("textbox", { name: "Output", exact: false }).fill("total");
  await dialog.getByRole("button", { name: "Check" }).click();
  await expect(dialog.getByText(/It answered a row of zeros/)).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Register", exact: true }).click();
  await expect(page).toHaveURL(/\/versions\/1/);
  await expect(page.getByText("total is prediction")).toBeVisible();
  await page.getByRole("button", { name: "Check now" }).click();
  await expect(page.getByText(/It answered a row of zeros/)).toBeVisible();
  await expectAccessible(page);
});
