import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorld } from "../support/workspace";
import { type MlflowClient, mlflowClient } from "./client";

let world: TestWorld;
let server: TestServer;
let mlflow: MlflowClient;
let run_id: string;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
});
afterAll(async () => {
  await server.close();
  await world.close();
});
beforeEach(async () => {
  const workspace = await world.workspace();
  mlflow = mlflowClient(server, await workspace.key("data_scientist"));
  const { body } = await mlflow.post("/mlflow/runs/create", {});
  run_id = (body as { run: { info: { run_id: string } } }).run.info.run_id;
});

const invalid = (message: RegExp) => ({
  status: 400,
  body: {
    error_code: "INVALID_PARAMETER_VALUE",
    message: expect.stringMatching(message),
  },
});
const empty = { status: 200, body: {} };

describe("log-batch", () => {
  it("reads numbers as numbers or text, NaN and infinities as text, and shows them the same way", async () => {
    const metrics = [
      { key: "a", value: "NaN", timestamp: "12", step: "3" },
      { key: "b", value: "Infinity", timestamp: 12 },
      { key: "c", value: "-Infinity", timestamp: 12, step: 0 },
      { key: "d", value: "0.5", timestamp: 12, step: -1 },
      { key: "e", value: 1, timestamp: 12, step: 9007199254740991 },
    ];
    expect(await mlflow.post("/mlflow/runs/log-batch", { run_id, metrics })).toEqual(empty);
    const { body } = await mlflow.get("/mlflow/runs/get", { run_id });
    expect(body).toMatchObject({
      run: {
        data: {
          metrics: [
            { key: "a", value: "NaN", timestamp: 12, step: 3 },
            { key: "b", value: 1.7976931348623157e308, timestamp: 12, step: 0 },
            { key: "c", value: -1.7976931348623157e308, timestamp: 12, step: 0 },
            { key: "d", value: 0.5, timestamp: 12, step: -1 },
            { key: "e", value: 1, timestamp: 12, step: 9007199254740991 },
          ],
        },
      },
    });
  });

  it("keeps 64-bit steps and timestamps exact from body to body, as JSON numbers", async () => {
    const big = ["9007199254740993", "9223372036854775807", "-9223372036854775808"];
    const points = big.map(
      (step, at) =>
        `{"key":"big","value":0.12345678901234567,"timestamp":170000000000000000${at},"step":${step}}`,
    );
    const text = `{"run_id":"${run_id}","metrics":[${points}]}`;
    expect(await mlflow.post("/mlflow/runs/log-batch", text)).toEqual(empty);
    const asText = { key: "big", value: 1, timestamp: "1700000000000000003", step: big[0] };
    await mlflow.post("/mlflow/runs/log-batch", { run_id, metrics: [asText] });
    const read = (rest: string) => mlflow.text(`/mlflow${rest}`);
    const history = await read(`/metrics/get-history?run_id=${run_id}&metric_key=big`);
    expect(
      [...history.matchAll(/"timestamp":(\d+),"step":(-?\d+)/g)].map((m) => m.slice(1)),
    ).toEqual([
      ["1700000000000000000", big[0]],
      ["1700000000000000001", big[1]],
      ["1700000000000000002", big[2]],
      ["1700000000000000003", big[0]],
    ]);
    expect(await read(`/runs/get?run_id=${run_id}`)).toContain(`"step":${big[1]}`);
    let paged = "";
    let token: string | undefined;
    do {
      const page = `&max_results=1${token ? `&page_token=${token}` : ""}`;
      const body = await read(`/metrics/get-history?run_id=${run_id}&metric_key=big${page}`);
      paged += /"step":(-?\d+)/.exec(body)?.[1];
      token = /"next_page_token":"([^"]+)"/.exec(body)?.[1];
    } while (token);
    expect(paged).toBe([...big, big[0]].join(""));
  });

  it("names the entry that is wrong", async () => {
    const cases: [object, RegExp][] = [
      [{ metrics: [{ key: "a", timestamp: 1 }] }, /required parameter 'metrics\[0\].value'/],
      [{ metrics: [{ value: 1, timestamp: 1 }] }, /required parameter 'metrics\[0\].key'/],
      [{ metrics: [{ key: "a", value: 1 }] }, /required parameter 'metrics\[0\].timestamp'/],
      [{ params: [{ key: "a", value: "b" }, { value: "c" }] }, /parameter 'params\[1\].key'/],
      [{ tags: [{ value: "c" }] }, /required parameter 'tags\[0\].key'/],
      [{ metrics: [{ key: "a", value: "x", timestamp: 1 }] }, /Invalid value "x" for parameter/],
      [{ metrics: [{ key: "a", value: true, timestamp: 1 }] }, /Invalid value true for parameter/],
      [{ metrics: [{ key: "a", value: 1, timestamp: 1.5 }] }, /Invalid value 1.5 for parameter/],
      [{ metrics: [{ key: "a", value: 1, timestamp: -1 }] }, /'metrics\[0\].timestamp'/],
      [
        { metrics: [{ key: "a", value: 1, timestamp: 1, step: "9223372036854775808" }] },
        /parameter 'metrics\[0\].step'/,
      ],
      [{ metrics: [{ key: "../a", value: 1, timestamp: 1 }] }, /must not resolve/],
      [{ metrics: [{ key: "a*b", value: 1, timestamp: 1 }] }, /Names may only contain/],
      [{ metrics: [{ key: "k".repeat(251), value: 1, timestamp: 1 }] }, /length of 250/],
      [{ metrics: {} }, /Invalid value {} for parameter 'metrics'/],
      [{ metrics: [7] }, /Invalid value 7 for parameter 'metrics\[0\]'/],
      [{ metrics: [null] }, /'metrics\[0\]'/],
      [{ params: "x" }, /Invalid value "x" for parameter 'params'/],
    ];
    for (const [batch, message] of cases) {
      expect(await mlflow.post("/mlflow/runs/log-batch", { run_id, ...batch })).toEqual(
        invalid(message),
      );
    }
    expect(await mlflow.post("/mlflow/runs/log-batch", {})).toEqual(
      invalid(/^Missing value for required parameter 'run_id'/),
    );
  });

  it("takes 1000 metrics, 100 parameters and 100 tags and refuses one more of each", async () => {
    const metrics = (n: number) =>
      Array.from({ length: n }, (_, i) => ({ key: `m${i}`, value: i, timestamp: 1 }));
    const entries = (n: number) =>
      Array.from({ length: n }, (_, i) => ({ key: `k${i}`, value: "v" }));
    const post = (batch: object) => mlflow.post("/mlflow/runs/log-batch", { run_id, ...batch });
    expect(await post({ metrics: metrics(1000) })).toEqual(empty);
    expect(await post({ params: entries(100) })).toEqual(empty);
    expect(await post({ tags: entries(100) })).toEqual(empty);
    expect(await post({ metrics: metrics(1001) })).toEqual(
      invalid(/^A batch logging request can contain at most 1000 metrics. Got 1001 metrics./),
    );
    expect(await post({ params: entries(101) })).toEqual(invalid(/at most 100 params. Got 101/));
    expect(await post({ tags: entries(101) })).toEqual(invalid(/at most 100 tags. Got 101/));
    expect(await post({ metrics: metrics(900), params: entries(100), tags: entries(1) })).toEqual(
      invalid(/at most 1000 metrics, params, and tags. Got 1001/),
    );
  });

  it("answers the same when it is sent again, and each point stays once", async () => {
    const batch = {
      run_id,
      metrics: [{ key: "loss", value: 1, timestamp: 1, step: 1 }],
      params: [{ key: "p", value: "1" }],
      tags: [{ key: "t", value: "1" }],
    };
    const replies = await Promise.all(
      Array.from({ length: 5 }, () => mlflow.post("/mlflow/runs/log-batch", batch)),
    );
    expect(replies).toEqual(Array(5).fill(empty));
    const { body } = await mlflow.get("/mlflow/metrics/get-history", {
      run_id,
      metric_key: "loss",
    });
    expect(body.metrics).toHaveLength(1);
  });

  it("refuses a body beyond the limit with 413, not with a cut connection", async () => {
    const tags = [{ key: "t", value: "x".repeat(5 * 1024 * 1024) }];
    const reply = await mlflow.post("/mlflow/runs/log-batch", { run_id, tags });
    expect(reply.status).toBe(413);
    expect(reply.body.error_code).toBe("MAX_BLOCK_SIZE_EXCEEDED");
  });
});

describe("log-metric and get-history", () => {
  const log = (value: number, step: number, timestamp: number) =>
    mlflow.post("/mlflow/runs/log-metric", {
      run_id,
      run_uuid: run_id,
      key: "loss",
      value,
      step,
      timestamp,
    });
  const history = (more: Record<string, string> = {}) =>
    mlflow.get("/mlflow/metrics/get-history", { run_id, metric_key: "loss", ...more });

  it("history comes by time, step and value; newest is by step first", async () => {
    for (const [value, step, timestamp] of [
      [3, 5, 10],
      [1, 0, 30],
      [2, 0, 20],
    ] as const) {
      expect(await log(value, step, timestamp)).toEqual(empty);
    }
    const { body } = await history();
    expect(body).toEqual({
      metrics: [
        { key: "loss", value: 3, timestamp: 10, step: 5 },
        { key: "loss", value: 2, timestamp: 20, step: 0 },
        { key: "loss", value: 1, timestamp: 30, step: 0 },
      ],
    });
    const run = await mlflow.get("/mlflow/runs/get", { run_id });
    expect(run.body).toMatchObject({ run: { data: { metrics: [{ value: 3, step: 5 }] } } });
  });

  it("a series longer than a page comes whole in one reply, in order", async () => {
    for (let from = 0; from < 26_000; from += 1000) {
      const metrics = Array.from({ length: 1000 }, (_, i) => ({
        key: "loss",
        value: 0.5,
        timestamp: from + i,
        step: from + i,
      }));
      expect(await mlflow.post("/mlflow/runs/log-batch", { run_id, metrics })).toEqual(empty);
    }
    const { status, body } = await history();
    expect(status).toBe(200);
    const steps = (body.metrics as { step: number }[]).map((m) => m.step);
    expect(steps).toEqual(Array.from({ length: 26_000 }, (_, i) => i));
  });

  it("pages by token until there is none", async () => {
    for (let step = 0; step < 5; step += 1) await log(step, step, step);
    const values: number[] = [];
    let token: string | undefined;
    do {
      const { body } = await history({
        max_results: "2",
        ...(token ? { page_token: token } : {}),
      });
      values.push(...(body.metrics as { value: number }[]).map((m) => m.value));
      token = body.next_page_token as string | undefined;
    } while (token);
    expect(values).toEqual([0, 1, 2, 3, 4]);
  });

  it("an unknown metric has an empty history; a bad page size or token is refused", async () => {
    expect(await history()).toEqual(empty);
    expect(await history({ max_results: "0" })).toEqual(invalid(/must be a positive integer/));
    expect(await history({ max_results: "1", page_token: "nonsense" })).toEqual(
      invalid(/cursor is not one of ours/),
    );
    expect(await mlflow.get("/mlflow/metrics/get-history", { run_id })).toEqual(
      invalid(/^Missing value for required parameter 'metric_key'/),
    );
  });
});
