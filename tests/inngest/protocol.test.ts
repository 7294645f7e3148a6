import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { Inngest, NonRetriableError, RetryAfterError } from "inngest";
import { serve } from "inngest/edge";
import { expect, it } from "vitest";
import { callFunction, fetchConfigs } from "@/inngest/embedded/call";
import type { HeldJob } from "@/inngest/embedded/locked-run";
import { SILENT } from "./embedded-driver";

/**
 * What the pinned SDK answers to fixed requests. A difference after an upgrade is a change of the
 * protocol: read it, adapt the executor, then record again with UPDATE_PROTOCOL=1.
 */
const FILE = "tests/inngest/protocol.json";
const SDK = "node_modules/inngest/package.json";
const signingKey = `signkey-test-${"ab".repeat(32)}`;
const sha1 = (text: string) => createHash("sha1").update(text).digest("hex");

const checkpoints: unknown[] = [];
const client = new Inngest({
  id: "golden",
  isDev: false,
  eventKey: "key",
  signingKey,
  baseUrl: "http://golden.invalid/",
  logger: { ...SILENT, debug: () => {} },
  fetch: async (input, init) => {
    const { pathname } = new URL(String(input));
    checkpoints.push({ path: pathname, body: JSON.parse(String(init?.body)) });
    return Response.json(pathname.startsWith("/e/") ? { ids: ["e1"], status: 200 } : {});
  },
});
const triggers = { event: "go" };
const fail = (error: Error) => () => {
  throw error;
};
const child = client.createFunction({ id: "child", triggers: [] }, () => 1);
const functions = [
  child,
  client.createFunction({ id: "value", triggers }, () => ({ n: 1 })),
  client.createFunction({ id: "undefined", triggers }, () => undefined),
  client.createFunction({ id: "throws", triggers }, fail(new TypeError("bad"))),
  client.createFunction({ id: "final", triggers }, fail(new NonRetriableError("never"))),
  client.createFunction({ id: "later", triggers }, fail(new RetryAfterError("wait", 5000))),
  client.createFunction({ id: "steps", triggers }, async ({ step }) => {
    const a = await step.run("a", () => 1);
    return step.run("b", () => a + 1);
  }),
  client.createFunction({ id: "step-throws", triggers }, ({ step }) =>
    step.run("a", fail(new Error("bad"))),
  ),
  client.createFunction({ id: "sleep", triggers }, ({ step }) => step.sleep("s", "90m")),
  client.createFunction({ id: "until", triggers }, ({ step }) =>
    step.sleepUntil("s", "2030-01-01T00:00:00Z"),
  ),
  client.createFunction({ id: "wait", triggers }, ({ step }) =>
    step.waitForEvent("w", { event: "x", timeout: "1h", match: "data.id" }),
  ),
  client.createFunction({ id: "invoke", triggers }, ({ step }) =>
    step.invoke("i", { function: child, data: { n: 1 }, timeout: "1m" }),
  ),
  client.createFunction({ id: "send", triggers }, ({ step }) =>
    step.sendEvent("e", { name: "x", data: { n: 1 }, ts: 1 }),
  ),
  client.createFunction({ id: "parallel", triggers }, ({ step }) =>
    Promise.all([step.run("a", () => 1), step.sleep("s", "1s")]),
  ),
  client.createFunction({ id: "race", triggers }, ({ step, group }) =>
    group.parallel({ mode: "race" }, () =>
      Promise.race([step.run("a", () => 1), step.run("b", () => 2)]),
    ),
  ),
  client.createFunction(
    {
      id: "options",
      triggers: [{ event: "a", if: "event.data.x" }, { cron: "TZ=UTC 0 0 * * *" }],
      retries: 2,
      idempotency: "event.data.i",
      concurrency: [{ limit: 2, key: "event.data.k", scope: "env" }],
      priority: { run: "1" },
      timeouts: { start: "1m", finish: "2h" },
      singleton: { key: "event.data.s", mode: "skip" },
      cancelOn: [{ event: "c", match: "data.id", timeout: "1d" }],
      onFailure: () => undefined,
    },
    () => 1,
  ),
];
const handler = serve({ client, functions });

function job(fn: string, over: Partial<HeldJob> = {}): HeldJob {
  return {
    id: "1",
    token: "t",
    runId: "run",
    functionId: `golden-${fn}`,
    kind: "discover",
    stepId: null,
    payload: null,
    attempt: 0,
    maxAttempts: 3,
    event: { id: "e", name: "go", ts: 1, data: {} },
    forcePlan: false,
    requestVersion: null,
    runStartedAt: new Date(0),
    steps: [],
    ...over,
  };
}

/** Times, stacks and seeds differ from call to call. */
function stable(value: unknown): unknown {
  const dropped = new Set(["stack", "timing", "ts", "request_started_at"]);
  return JSON.parse(
    JSON.stringify(value, (key, each) => (dropped.has(key) ? `<${key}>` : each)) ?? "null",
  );
}

async function record(): Promise<Record<string, unknown>> {
  const calls: [string, HeldJob][] = [
    ...functions.slice(1, -1).map((fn): [string, HeldJob] => [fn.id(), job(fn.id())]),
    ["steps, planned", job("steps", { forcePlan: true })],
    [
      "steps, asked for b",
      job("steps", {
        kind: "step",
        stepId: sha1("b"),
        forcePlan: true,
        steps: [{ id: sha1("a"), failed: false, result: 1 }],
      }),
    ],
    ["steps, retried", job("steps", { attempt: 1 })],
    ["step-throws, last attempt", job("step-throws", { attempt: 2 })],
    [
      "step-throws, memoized error",
      job("step-throws", {
        steps: [{ id: sha1("a"), failed: true, result: { name: "Error", message: "bad" } }],
      }),
    ],
    ["throws, last attempt", job("throws", { attempt: 2 })],
    ["unknown function", job("nobody")],
  ];
  const { functions: configs } = await fetchConfigs(handler, signingKey);
  const { version } = JSON.parse(await readFile(SDK, "utf8"));
  const transcript: Record<string, unknown> = { version, configs };
  for (const [name, each] of calls) {
    checkpoints.length = 0;
    const response = await callFunction(handler, signingKey, each);
    transcript[name] = stable({ response, requests: checkpoints });
  }
  return transcript;
}

it("finds the protocol of the pinned SDK as it was recorded", async () => {
  const transcript = await record();
  if (process.env.UPDATE_PROTOCOL) {
    await writeFile(FILE, `${JSON.stringify(transcript, null, 2)}\n`);
  }
  expect(transcript).toEqual(JSON.parse(await readFile(FILE, "utf8")));
});
