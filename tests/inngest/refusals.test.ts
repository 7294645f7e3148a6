import { type Inngest, type InngestFunction, openai } from "inngest";
import { serve } from "inngest/edge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEmbeddedExecutor, UnsupportedFunctionError } from "@/inngest/embedded";
import { sendAndWait } from "./driver";
import { createClient, createEmbeddedDriver, type EmbeddedDriver, SILENT } from "./embedded-driver";

let driver: EmbeddedDriver;
const event = "refused/go";
type Options = Parameters<Inngest["createFunction"]>[0];

const runtime: { step: string; message: RegExp; make: (client: Inngest) => InngestFunction.Any }[] =
  [
    {
      step: "step.ai.infer",
      message: /step\.ai\.infer needs a real Inngest server/,
      make: (client) =>
        client.createFunction({ id: "infer", triggers: { event: "go/infer" } }, ({ step }) =>
          step.ai.infer("ask", {
            model: openai({ model: "gpt-4", apiKey: "none" }),
            body: { messages: [] },
          }),
        ),
    },
    {
      step: "step.fetch",
      message: /step\.fetch needs a real Inngest server/,
      make: (client) =>
        client.createFunction(
          { id: "fetch", triggers: { event: "go/fetch" } },
          async ({ step }) => {
            await step.fetch("http://127.0.0.1:9/");
          },
        ),
    },
    {
      step: "step.waitForSignal",
      message: /step\.waitForSignal needs a real Inngest server/,
      make: (client) =>
        client.createFunction({ id: "signal", triggers: { event: "go/signal" } }, ({ step }) =>
          step.waitForSignal("s", { signal: "x", timeout: "1m" }),
        ),
    },
    {
      step: "waitForEvent with an expression outside the subset",
      message: /"matches" is not supported/,
      make: (client) =>
        client.createFunction({ id: "matches", triggers: { event: "go/matches" } }, ({ step }) =>
          step.waitForEvent("w", { event: "x", timeout: "1m", if: "async.data.a.matches('b')" }),
        ),
    },
    {
      step: "a step that answers more than 4 MB",
      message: /more than 4194304 bytes/,
      make: (client) =>
        client.createFunction({ id: "big", triggers: { event: "go/big" } }, ({ step }) =>
          step.run("big", () => "x".repeat(4 * 1024 * 1024)),
        ),
    },
    {
      step: "a run of more than 1000 steps",
      message: /more than 1000 steps/,
      make: (client) =>
        client.createFunction({ id: "many", triggers: { event: "go/many" } }, async ({ step }) => {
          await Promise.all(Array.from({ length: 1001 }, (_, i) => step.run(`s${i}`, () => i)));
        }),
    },
  ];

beforeAll(async () => {
  driver = await createEmbeddedDriver();
  await driver.start(runtime.map(({ make }) => make(driver.client)));
});
afterAll(() => driver.stop());

async function start(options: Partial<Options>): Promise<void> {
  const client = createClient(driver.transport);
  const fn = client.createFunction({ id: "refused", triggers: { event }, ...options }, () => 1);
  const executor = createEmbeddedExecutor({
    pool: driver.database.pool,
    client,
    functions: [fn],
    transport: driver.transport,
    log: SILENT,
  });
  try {
    await executor.start();
  } finally {
    await executor.stop();
  }
}

describe("at registration", () => {
  const refused: [string, Partial<Options>, RegExp][] = [
    ["a limit without end", { throttle: { limit: 0, period: "1m" } }, /throttle\.limit/],
    [
      "a period that is none",
      { rateLimit: { limit: 1, period: "1 day" as "1d" } },
      /rateLimit\.period/,
    ],
    ["debounce", { debounce: { period: "1m" } }, /debounce/],
    ["batchEvents", { batchEvents: { maxSize: 2, timeout: "1s" } }, /batchEvents/],
    ["an unknown name", { triggers: { event, if: "evnt.data.a == 1" } }, /"evnt" is unknown/],
    ["a broken expression", { idempotency: "event.data." }, /idempotency "event.data."/],
    ["a broken cron", { triggers: { cron: "every day" } }, /cron "every day"/],
    ["a 6-field cron", { triggers: { cron: "0 0 * * * *" } }, /6 fields/],
    ["a limit of 0", { concurrency: 0 }, /concurrency/],
    ["an env scope without key", { concurrency: { scope: "env", limit: 1 } }, /needs a key/],
    ["11 triggers", { triggers: Array.from({ length: 11 }, () => ({ event })) }, /triggers/],
  ];

  it.each(refused)("refuses %s, naming function and option", async (_, options, message) => {
    const starting = start(options);
    await expect(starting).rejects.toThrow(UnsupportedFunctionError);
    await expect(starting).rejects.toThrow(/^Function "test-[0-9a-f]+-refused": /);
    await expect(starting).rejects.toThrow(message);
  });

  it("registers nothing of an app with one refused function", async () => {
    await expect(start({ debounce: { period: "1m" } })).rejects.toThrow();
    const { rows } = await driver.database.pool.query(
      "SELECT id FROM inngest.functions WHERE id LIKE '%-refused' AND active",
    );
    expect(rows).toEqual([]);
  });
});

describe("at run time", () => {
  it.concurrent.each(runtime)("fails the run of $step with a clear error", async (each) => {
    const id = each.make(driver.client).id();
    const run = await sendAndWait(driver, { name: `go/${id}` });
    expect(run.status).toBe("failed");
    expect(run.error?.message).toMatch(each.message);
  });
});

describe("events", () => {
  const send = (body: unknown) =>
    driver.transport.fetch(`${driver.transport.baseUrl}e/embedded`, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
    });

  it.each([
    ["no name", { data: {} }],
    ["an empty name", { name: "" }],
    ["a name with NUL", { name: "a\u0000b" }],
    ["data that is no object", { name: "a", data: [1] }],
    ["more than 512 KB", { name: "a", data: { x: "x".repeat(512 * 1024) } }],
    ["a time two years ahead", { name: "a", ts: Date.now() + 2 * 366 * 86_400_000 }],
    ["a list with one bad event", [{ name: "ok" }, 5]],
    ["a body that is not JSON", "{"],
  ])("answers 400 to %s and stores nothing", async (_, body) => {
    const count = async () =>
      (await driver.database.pool.query("SELECT count(*) FROM inngest.events")).rows[0];
    const before = await count();
    const response = await send(body);
    expect(response.status).toBe(400);
    expect((await response.json()).error).toEqual(expect.any(String));
    expect(await count()).toEqual(before);
  });

  it("answers 501 to the server routes it does not have", async () => {
    const response = await driver.transport.fetch(`${driver.transport.baseUrl}v1/signals`, {
      method: "POST",
      body: "{}",
    });
    expect(response.status).toBe(501);
  });
});

it("keeps the serve handler closed to unsigned calls", async () => {
  const handler = serve({ client: driver.client, functions: [] });
  const response = await handler(
    new Request("http://localhost/api/inngest?fnId=x&stepId=step", {
      method: "POST",
      body: JSON.stringify({ event: {}, events: [], steps: {}, ctx: {} }),
      headers: { host: "localhost" },
    }),
  );
  expect(response.status).toBe(401);
});
