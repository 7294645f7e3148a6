import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { traceWith } from "@/server/kernel/tracing";
import { GrpcClient } from "../open-inference/support/grpc-client";
import { identityModel } from "./support/sample-models";
import { startTestNode } from "./support/start-test-node";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER = "00f067aa0ba902b7";

afterEach(() => traceWith(undefined));

test("a request over gRPC, and each of a stream, is a span in the trace of who asks", async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  traceWith(provider.getTracer("test"));
  const node = await startTestNode({ grpcPort: 0 });
  await node.client.load("same", { artifact: node.artifacts.put(identityModel("FP32")) });
  const grpc = new GrpcClient(node.grpcPort ?? 0);
  onTestFinished(() => grpc.close());
  const metadata = { traceparent: `00-${TRACE}-${CALLER}-01` };
  const request = (model_name: string) => ({
    model_name,
    inputs: [
      { name: "input", datatype: "FP32", shape: [1, 2], contents: { fp32_contents: [1, 2] } },
    ],
  });
  expect((await grpc.infer(request("same"), { metadata })).code).toBe(0);
  expect((await grpc.infer(request("gone"), { metadata })).code).not.toBe(0);
  const stream = grpc.stream({ metadata });
  stream.write(request("same"));
  stream.write(request("same"));
  stream.call.end();
  await stream.ended;
  const spans = exporter.getFinishedSpans();
  expect(spans.map((span) => [span.name, span.spanContext().traceId])).toEqual(
    Array.from({ length: 4 }, () => ["execute", TRACE]),
  );
  expect(spans.map((span) => span.parentSpanContext?.spanId)).toEqual(Array(4).fill(CALLER));
  expect(spans.map((span) => span.status.code)).toEqual([0, 2, 0, 0]);
});
