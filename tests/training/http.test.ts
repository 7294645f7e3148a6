import { afterAll, beforeAll, expect, it } from "vitest";
import { encodeCursor } from "@/server/kernel/paging";
import { createTrainingLab, ended, type TrainingLab } from "./support/training-lab";

let lab: TrainingLab;
let headers: Record<string, string>;
beforeAll(async () => {
  lab = await createTrainingLab();
  headers = {
    authorization: `Bearer ${await lab.a.key("data_scientist")}`,
    "content-type": "application/json",
  };
  await lab.worker("train", {
    trainer: (specFile) => ({
      program: process.execPath,
      args: ["tests/training/support/fake-trainer.mjs", "train", "--spec", specFile].map((part) =>
        part.startsWith("tests/") ? `${process.cwd()}/${part}` : part,
      ),
      environment: { FAKE_STEPS: "12", FAKE_STEP_MS: "80" },
    }),
  });
});
afterAll(() => lab.close());

const call = async (method: string, path: string, body?: unknown) => {
  const reply = await fetch(`${lab.server.url}/api/v1${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await reply.text();
  const json = /json/.test(reply.headers.get("content-type") ?? "");
  return { status: reply.status, headers: reply.headers, body: json ? JSON.parse(text) : text };
};

const train = (more: object = {}) =>
  call("POST", "/models/churn/train", {
    datasetId: lab.datasetId,
    target: "label",
    algorithm: "random_forest",
    ...more,
  });

interface LogPiece {
  jobId: string;
  text: string;
  writtenAt: string;
}

interface SseEvent {
  id: string;
  event: string;
  data: { text?: string; items?: LogPiece[] };
}

/** Reads server-sent events until the stream ends or `most` were read. */
async function follow(path: string, more: Record<string, string> = {}, most = 1e6) {
  const abort = new AbortController();
  const reply = await fetch(`${lab.server.url}/api/v1${path}`, {
    headers: { ...headers, ...more },
    signal: abort.signal,
  });
  expect(reply.headers.get("content-type")).toContain("text/event-stream");
  const events: SseEvent[] = [];
  let buffer = "";
  const decoder = new TextDecoder();
  for await (const chunk of reply.body ?? []) {
    buffer += decoder.decode(chunk, { stream: true });
    const blocks = buffer.split("\n\n");
    buffer = blocks.pop() ?? "";
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
      const data = field("data");
      if (data !== undefined) {
        events.push({ id: field("id") ?? "", event: field("event") ?? "", data: JSON.parse(data) });
      }
    }
    if (events.length >= most) break;
  }
  abort.abort();
  return events;
}

const textOf = (events: SseEvent[]): string => events.map(({ data }) => data.text ?? "").join("");

it("answers 202 with the job, whose state and metrics follow live", async () => {
  const started = await train();
  expect(started.status).toBe(202);
  const { jobId } = started.body;
  const seen = new Set<number>();
  const running = await lab.until(jobId, (job) => {
    seen.add(job.progress);
    return ended(job);
  });
  expect(running.status).toBe("completed");
  expect([...seen].filter((value) => value > 0 && value < 1).length).toBeGreaterThan(1);
  const { status, body } = await call("GET", `/training-jobs/${jobId}`);
  expect(status).toBe(200);
  expect(body).toMatchObject({ status: "completed", versionId: expect.any(String) });
  const list = await call("GET", "/training-jobs?status=completed&model=churn&limit=1");
  expect(list.body.items).toMatchObject([{ id: jobId }]);
});

it("streams the log while it is written, resumes by Last-Event-ID, and ends with an end event", async () => {
  const { jobId } = (await train({ seed: 2 })).body;
  const path = `/training-jobs/${jobId}/logs`;
  await lab.until(jobId, (job) => job.progress > 0.1);
  const first = await follow(`${path}?follow=1`, {}, 2);
  const rest = await follow(`${path}?follow=1`, { "last-event-id": first.at(-1)?.id ?? "" });
  expect(rest.at(-1)).toMatchObject({ event: "end" });
  expect((await lab.until(jobId, () => true)).status).toBe("completed");
  const whole = await call("GET", path);
  expect(whole.headers.get("content-type")).toContain("text/plain");
  expect(textOf(first) + textOf(rest)).toBe(whole.body);
  expect(whole.body).toMatch(/step 12 of 12/);
  const part = await call("GET", `${path}?offset=${first[0]?.id}`);
  expect(whole.body.endsWith(part.body)).toBe(true);
  expect(await call("GET", `${path}?offset=99999999`)).toMatchObject({ status: 200, body: "" });
});

it("follows the log over tRPC as well, from where the client was", async () => {
  const { jobId } = (await train({ seed: 4 })).body;
  await lab.until(jobId, ended);
  const input = encodeURIComponent(JSON.stringify({ job: jobId, offset: 0 }));
  const reply = await fetch(`${lab.server.url}/api/trpc/training.followLogs?input=${input}`, {
    headers: { ...headers, accept: "text/event-stream" },
  });
  const text = await reply.text();
  const pieces = [...text.matchAll(/^data: (\{"text".*)$/gm)].map(([, data]) =>
    JSON.parse(data ?? ""),
  );
  const whole = (await call("GET", `/training-jobs/${jobId}/logs`)).body;
  expect(pieces.map((piece) => piece.text).join("")).toBe(whole);
  expect(text).toContain(`id: ${Buffer.byteLength(whole)}`);
});

it("reads and follows the output of all jobs of an experiment, each piece once and in order", async () => {
  const started = await Promise.all([train({ seed: 11 }), train({ seed: 12 })]);
  const jobs = started.map(({ body }) => body.jobId as string);
  const { runId } = await lab.until(jobs[0] ?? "", (job) => job.progress > 0.1);
  const { experimentId } = (await call("GET", `/runs/${runId}`)).body;
  const path = `/experiments/${experimentId}/logs`;
  const first = await follow(`${path}?follow=1`, {}, 1);
  const rest = await follow(`${path}?follow=1`, { "last-event-id": first.at(-1)?.id ?? "" });
  expect(rest.at(-1)?.event).toBe("end");
  const followed = [...first, ...rest].flatMap(({ data }) => data.items ?? []);
  const paged: LogPiece[] = [];
  let cursor = "";
  do {
    const { status, body } = await call("GET", `${path}?limit=3${cursor}`);
    expect(status).toBe(200);
    paged.push(...body.items);
    cursor = `&cursor=${body.nextCursor}`;
    if (body.items.length < 3) expect(body.finished).toBe(true);
  } while (paged.length % 3 === 0 && (await call("GET", `${path}?limit=3${cursor}`)).body.items[0]);
  expect(followed).toEqual(paged);
  const times = paged.map((piece) => piece.writtenAt);
  expect(times).toEqual(times.toSorted());
  for (const job of jobs) {
    const text = paged.filter((piece) => piece.jobId === job).map((piece) => piece.text);
    expect(text.join("")).toBe((await call("GET", `/training-jobs/${job}/logs`)).body);
    expect(text.length).toBeGreaterThan(0);
  }
});

it("refuses what is wrong with a clear 4xx problem", async () => {
  const unknown = "00000000-0000-7000-8000-000000000000";
  const replies = [
    [422, await train({ target: "nothing" })],
    [422, await train({ epochs: 3 })],
    [422, await train({ hyperparameters: { n_estimators: 0 } })],
    [422, await train({ datasetId: "customers" })],
    [404, await train({ datasetId: unknown })],
    [400, await call("POST", "/models/churn/train", "{")],
    [422, await call("POST", "/models/churn/train", [])],
    [422, await call("POST", "/models/churn/train", {})],
    [
      404,
      await call("POST", "/models/nobody/train", {
        datasetId: unknown,
        target: "x",
        algorithm: "x",
      }),
    ],
    [404, await call("GET", `/training-jobs/${unknown}`)],
    [422, await call("GET", "/training-jobs/no-id")],
    [404, await call("GET", `/training-jobs/${unknown}/logs`)],
    [404, await call("GET", `/training-jobs/${unknown}/logs?follow=1`)],
    [404, await call("POST", `/training-jobs/${unknown}/cancel`)],
    [404, await call("GET", "/experiments/nobody/logs")],
    [404, await call("GET", "/experiments/nobody/logs?follow=1")],
    [400, await call("GET", "/experiments/0/logs?cursor=nonsense")],
    [400, await call("GET", `/experiments/0/logs?cursor=${encodeCursor(["+99999-", "-", 1e300])}`)],
    [422, await call("GET", "/training-jobs?status=asleep")],
    [422, await call("GET", "/training-jobs?limit=0")],
    [400, await call("GET", "/training-jobs?cursor=nonsense")],
  ] as const;
  for (const [status, reply] of replies) {
    expect(reply.body).toMatchObject({ status, detail: expect.any(String) });
    expect(reply.headers.get("content-type")).toContain("application/problem+json");
  }
  const jobId = (await call("GET", "/training-jobs?limit=1")).body.items[0].id;
  const done = await call("POST", `/training-jobs/${jobId}/cancel`);
  expect(done.status).toBe(409);
  const wrongId = await fetch(`${lab.server.url}/api/v1/training-jobs/${jobId}/logs?follow=1`, {
    headers: { ...headers, "last-event-id": "x; drop" },
  });
  expect(wrongId.status).toBe(400);
});

it("lists algorithms with their bounds, and says how the Python environment is", async () => {
  const { body } = await call("GET", "/training-algorithms");
  const forest = body.algorithms.find((one: { id: string }) => one.id === "random_forest");
  expect(forest.hyperparameters).toContainEqual(
    expect.objectContaining({ name: "n_estimators", type: "integer", min: 1, default: 200 }),
  );
  const environment = await call("GET", "/training-environment");
  expect(environment.body).toMatchObject({
    status: expect.any(String),
    progress: expect.any(Number),
  });
});

it("a key of a training run trains, cancels and reads no job", async () => {
  const { runId } = await lab.until((await train({ seed: 3 })).body.jobId, ended);
  const { createRunKey } = await import("@/server/training/run-key");
  const key = await createRunKey(lab.a.job(), { id: runId, runId }, 9, 60_000);
  const reply = await fetch(`${lab.server.url}/api/v1/training-jobs`, {
    headers: { authorization: `Bearer ${key}` },
  });
  expect(reply.status).toBe(403);
});
