import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { exportRequest } from "@/server/protocols/mlflow/otlp/trace-proto";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { type MlflowClient, mlflowClient } from "./client";

let world: TestWorld;
let workspace: TestWorkspace;
let server: TestServer;
let key: string;
let v3: MlflowClient;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
});
afterAll(async () => {
  await server.close();
  await world.close();
});
beforeEach(async () => {
  workspace = await world.workspace();
  key = await workspace.key("data_scientist");
  v3 = mlflowClient(server, key, "/api/3.0");
});

const TRACE = "00112233445566778899aabbccddeeff";
const span = (more: object = {}) => ({
  traceId: TRACE,
  spanId: "0102030405060708",
  name: "answer",
  startTimeUnixNano: "1700000000123000000",
  endTimeUnixNano: "1700000001623000000",
  attributes: [
    { key: "mlflow.spanType", value: { stringValue: '"CHAIN"' } },
    { key: "mlflow.spanInputs", value: { stringValue: '{"q":1}' } },
    { key: "count", value: { intValue: "9007199254740993" } },
  ],
  status: { code: 1 },
  ...more,
});
const child = (more: object = {}) =>
  span({ spanId: "1112131415161718", parentSpanId: "0102030405060708", name: "look up", ...more });
const resource = { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] };
const exported = (...spans: object[]) => ({
  resourceSpans: [{ resource, scopeSpans: [{ spans }] }],
});

interface Sending {
  type?: string;
  headers?: Record<string, string>;
  as?: string;
  path?: string;
}

const send = async (body: BodyInit, { type, headers, as = key, path = "" }: Sending = {}) => {
  const reply = await fetch(`${server.url}${path}/v1/traces`, {
    method: "POST",
    body,
    headers: {
      authorization: `Bearer ${as}`,
      "content-type": type ?? "application/json",
      "x-mlflow-experiment-id": "0",
      ...headers,
    },
  });
  const text = await reply.text();
  return { status: reply.status, code: text ? JSON.parse(text).error_code : undefined };
};
const sendJson = (body: object, options?: Sending) => send(JSON.stringify(body), options);

const batch = async (client = v3) => {
  const { body } = await client.get("/mlflow/traces/batchGet", { trace_ids: [`tr-${TRACE}`] });
  return (body.traces ?? []) as {
    trace_info: Record<string, unknown> & { tags: Record<string, string> };
    spans: Record<string, unknown>[];
  }[];
};

describe("spans that come by OpenTelemetry", () => {
  it("make a trace, with exact numbers, and are read with it in the order they began", async () => {
    const late = child({ startTimeUnixNano: "1700000000200000000" });
    expect(await sendJson(exported(late, span()))).toEqual({ status: 200 });
    const [trace] = await batch();
    expect(trace?.trace_info).toMatchObject({
      trace_id: `tr-${TRACE}`,
      state: "OK",
      request_time: "2023-11-14T22:13:20.123Z",
      execution_duration: "1.5s",
      request_preview: '{"q":1}',
      tags: {
        "mlflow.trace.spansLocation": "TRACKING_STORE",
        "mlflow.traceName": "answer",
        "service.name": "shop",
      },
    });
    expect(trace?.spans.map((one) => one.name)).toEqual(["answer", "look up"]);
    expect(JSON.stringify(trace?.spans[0])).toContain('"intValue":"9007199254740993"');
    const { body } = await v3.get("/mlflow/traces/get", { trace_id: `tr-${TRACE}` });
    expect(body.trace).toEqual(trace);
    const infos = await v3.get("/mlflow/traces/batchGetInfos", {
      trace_ids: [`tr-${TRACE}`, "tr-x"],
    });
    expect(infos.body).toEqual({ trace_infos: [trace?.trace_info] });
  });

  it("come as protobuf too, zipped, below a workspace's own path", async () => {
    const hexIds = exported(
      span({ traceId: Buffer.from(TRACE, "hex"), spanId: Buffer.from("0102030405060708", "hex") }),
    );
    const bytes = Buffer.from(exportRequest.encode(exportRequest.fromObject(hexIds)).finish());
    const type = "application/x-protobuf";
    const headers = { "content-encoding": "gzip" };
    const path = `/w/${workspace.slug}`;
    expect(await send(gzipSync(bytes), { type, headers, path })).toEqual({ status: 200 });
    expect((await batch())[0]?.spans).toHaveLength(1);
  });

  it("sent again replace themselves; a trace in progress ends with its outermost span", async () => {
    await sendJson(exported(child({ endTimeUnixNano: "1700000000500000000" })));
    expect((await batch())[0]?.trace_info.state).toBe("IN_PROGRESS");
    await sendJson(exported(span({ status: { code: 2 } })));
    await sendJson(exported(child({ name: "found" })));
    const [trace] = await batch();
    expect(trace?.trace_info).toMatchObject({ state: "ERROR", execution_duration: "1.5s" });
    expect(trace?.spans.map((one) => one.name).toSorted()).toEqual(["answer", "found"]);
  });

  it("keep what the client said of the trace, before and after", async () => {
    await sendJson(exported(span()));
    const trace_info = {
      trace_id: `tr-${TRACE}`,
      trace_location: { type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: "0" } },
      request_time: "2026-01-31T12:00:00.5Z",
      state: "OK",
      tags: { team: "risk" },
    };
    await v3.post("/mlflow/traces", { trace: { trace_info } });
    await sendJson(exported(child()));
    expect((await batch())[0]?.trace_info).toMatchObject({
      request_time: "2026-01-31T12:00:00.500Z",
      tags: { team: "risk", "mlflow.trace.spansLocation": "TRACKING_STORE" },
    });
  });

  it("are found by their names, kinds and attributes", async () => {
    await sendJson(exported(span(), child()));
    const found = async (filter: string) => {
      const locations = [{ type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: "0" } }];
      const { body } = await v3.post("/mlflow/traces/search", { locations, filter });
      return ((body.traces ?? []) as unknown[]).length;
    };
    expect(await found("span.name = 'look up'")).toBe(1);
    expect(await found("span.type = 'CHAIN' AND span.status = 'OK'")).toBe(1);
    expect(await found("span.attributes.mlflow.spanInputs LIKE '%q%'")).toBe(1);
    expect(await found("span.name = 'none'")).toBe(0);
  });

  it("of another workspace are not to be seen, and its trace of the same id is its own", async () => {
    await sendJson(exported(span()));
    const other = await world.workspace();
    const theirs = await other.key("data_scientist");
    expect(await batch(mlflowClient(server, theirs, "/api/3.0"))).toEqual([]);
    expect(await sendJson(exported(span({ name: "theirs" })), { as: theirs })).toEqual({
      status: 200,
    });
    expect((await batch())[0]?.trace_info.tags["mlflow.traceName"]).toBe("answer");
  });

  it("are refused from those who may not write, for no experiment and for a trace of another", async () => {
    const viewer = await workspace.key("viewer");
    expect(await sendJson(exported(span()), { as: viewer })).toEqual({
      status: 403,
      code: "PERMISSION_DENIED",
    });
    const to = (id: string) => ({ headers: { "x-mlflow-experiment-id": id } });
    expect((await sendJson(exported(span()), to("77"))).status).toBe(404);
    expect((await sendJson(exported(span()), to("x"))).status).toBe(400);
    await mlflowClient(server, key).post("/mlflow/experiments/create", { name: "other" });
    await sendJson(exported(span()));
    expect((await sendJson(exported(span()), to("1"))).status).toBe(400);
  });

  it("that cannot be read are refused with a 400", async () => {
    const bad = { status: 400, code: "INVALID_PARAMETER_VALUE" };
    expect(await send("{", {})).toEqual(bad);
    expect(await sendJson({ resourceSpans: 5 })).toEqual(bad);
    expect(await sendJson({})).toEqual(bad);
    expect(await sendJson(exported(span({ spanId: "" })))).toEqual(bad);
    expect(await sendJson(exported(span({ startTimeUnixNano: "-5" })))).toEqual(bad);
    expect(await send("x", { type: "text/plain" })).toEqual(bad);
    const type = "application/x-protobuf";
    expect(await send(Buffer.from([10, 255, 255, 255, 255, 15]), { type })).toEqual(bad);
    expect(await send("x", { type, headers: { "content-encoding": "gzip" } })).toEqual(bad);
    expect(await sendJson(exported(span({ name: "a\0b" })))).toEqual({ status: 200 });
  });
});
