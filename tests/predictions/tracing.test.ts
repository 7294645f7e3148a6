import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import protobuf from "protobufjs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { getPrediction } from "@/server/predictions";
import { startTracing } from "@/server/telemetry/start-tracing";
import {
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
} from "../deployments/support/deployed-world";
import { type BothServers, startBoth } from "../open-inference/support/start-servers";
import type { TestWorkspace } from "../support/workspace";
import { call } from "./support/prediction-server";

/** The part of OTLP that is looked at, from opentelemetry-proto's trace.proto. */
const Traces = protobuf
  .parse(
    `syntax = "proto3";
     message Span { bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; }
     message ScopeSpans { repeated Span spans = 2; }
     message ResourceSpans { repeated ScopeSpans scope_spans = 2; }
     message Request { repeated ResourceSpans resource_spans = 1; }`,
  )
  .root.lookupType("Request");

interface Span {
  name: string;
  traceId: string;
  spanId: string;
  parentId: string;
}

interface Decoded {
  resourceSpans: {
    scopeSpans: {
      spans: { traceId: Buffer; spanId: Buffer; parentSpanId: Buffer; name: string }[];
    }[];
  }[];
}

function spansIn(body: Buffer): Span[] {
  const decoded = Traces.decode(body) as unknown as Decoded;
  const spans = decoded.resourceSpans.flatMap((one) => one.scopeSpans.flatMap((two) => two.spans));
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  return spans.map((span) => ({
    name: span.name,
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentId: hex(span.parentSpanId),
  }));
}

const received: Span[] = [];
const collector = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on("data", (chunk: Buffer) => chunks.push(chunk));
  req.on("end", () => {
    if (req.url === "/v1/traces") received.push(...spansIn(Buffer.concat(chunks)));
    res.writeHead(200, { "content-type": "application/x-protobuf" }).end();
  });
});

let world: DeployedWorld;
let server: BothServers;
let a: TestWorkspace;
let key: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  world = await createDeployedWorld();
  a = await world.workspace();
  key = await a.key("data_scientist");
  await deployModel(world, a, "slope");
  server = await startBoth(world);
});
afterAll(async () => {
  await server.close();
  await world.close();
  collector.close();
});

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER = "00f067aa0ba902b7";
const ask = (headers: Record<string, string>, input: unknown = { a: 1, b: 2 }) =>
  call(`${server.url}/api/v1/deployments/slope/predict`, key, { input }, { headers });
const loggedTrace = async (requestId: unknown) => {
  await server.gateway.logs.flush();
  return (await getPrediction(a.as("viewer"), { requestId: String(requestId) })).traceId;
};

it("notes the caller's trace without a collector, and none where the header is no trace", async () => {
  const { body, headers } = await ask({ traceparent: `00-${TRACE}-${CALLER}-01` });
  expect(headers.get("x-trace-id")).toBe(TRACE);
  expect(await loggedTrace(body.requestId)).toBe(TRACE);
  for (const traceparent of [
    "",
    "00",
    `ff-${TRACE}-${CALLER}-01`,
    `00-${"0".repeat(32)}-${CALLER}-01`,
    `00-${TRACE}-${"0".repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${CALLER}-01`,
    `00-${TRACE}-${CALLER}-01x`,
  ]) {
    const reply = await ask({ traceparent });
    expect(reply.status, traceparent).toBe(200);
    expect(reply.headers.get("x-trace-id"), traceparent).toBeNull();
  }
  expect(received).toEqual([]);
});

it("sends spans of gateway, call and node as one trace under the caller's, over OTLP", async () => {
  const { port } = collector.address() as AddressInfo;
  const stop = await startTracing(`http://127.0.0.1:${port}/`, "modelyard-test");
  const { body, headers } = await ask({ traceparent: `00-${TRACE}-${CALLER}-01` });
  const own = await ask({});
  const unsampled = await ask({ traceparent: `00-${TRACE.replace("4b", "5b")}-${CALLER}-00` });
  const refused = await ask({}, { a: "x" });
  await stop();
  expect(headers.get("x-trace-id")).toBe(TRACE);
  expect(await loggedTrace(body.requestId)).toBe(TRACE);

  const mine = received.filter((span) => span.traceId === TRACE);
  const by = (name: string) => mine.find((span) => span.name === name);
  expect(mine).toHaveLength(3);
  expect(by("predict")?.parentId).toBe(CALLER);
  expect(by("node")?.parentId).toBe(by("predict")?.spanId);
  expect(by("execute")?.parentId).toBe(by("node")?.spanId);

  const ownId = own.headers.get("x-trace-id");
  expect(ownId).toMatch(/^[0-9a-f]{32}$/);
  expect(received.filter((span) => span.traceId === ownId)).toHaveLength(3);
  expect(await loggedTrace(own.body.requestId)).toBe(ownId);
  expect(unsampled.status).toBe(200);
  expect(received.some((span) => span.traceId.startsWith("5b"))).toBe(false);
  expect(refused.status).toBe(422);
  expect(received.filter(({ name }) => name === "predict")).toHaveLength(3);
});

it("sends the same spans for V2 over REST and over gRPC", async () => {
  const { port } = collector.address() as AddressInfo;
  const stop = await startTracing(`http://127.0.0.1:${port}/`, "modelyard-test");
  const traces = ["6", "7"].map((digit) => TRACE.replace("4b", `${digit}b`));
  const [rest = "", grpc = ""] = traces.map((trace) => `00-${trace}-${CALLER}-01`);
  const input = { name: "numeric", datatype: "FP64", shape: [1, 2] };
  const overRest = await call(
    `${server.url}/v2/models/slope/infer`,
    key,
    { inputs: [{ ...input, data: [1, 2] }] },
    { headers: { traceparent: rest } },
  );
  const overGrpc = await server.grpc.infer(
    { model_name: "slope", inputs: [{ ...input, contents: { fp64_contents: [1, 2] } }] },
    { key, metadata: { traceparent: grpc } },
  );
  await stop();
  expect(overRest.headers.get("x-trace-id")).toBe(traces[0]);
  expect(overGrpc).toMatchObject({ code: 0, trailer: { "x-trace-id": traces[1] } });
  for (const trace of traces) {
    const mine = received.filter((span) => span.traceId === trace);
    const by = (name: string) => mine.find((span) => span.name === name);
    expect(mine).toHaveLength(3);
    expect(by("infer")?.parentId).toBe(CALLER);
    expect(by("node")?.parentId).toBe(by("infer")?.spanId);
    expect(by("execute")?.parentId).toBe(by("node")?.spanId);
  }
  expect(await loggedTrace(overRest.headers.get("x-request-id"))).toBe(traces[0]);
});
