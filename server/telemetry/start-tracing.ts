import { traceWith } from "@/server/kernel/tracing";

/**
 * Sends spans of this process to an OTLP collector (HTTP, protobuf) at `endpoint`, in batches behind
 * the requests. The SDK is loaded only here, so a process without a collector never has it. Headers
 * for the collector are read by the exporter (OTEL_EXPORTER_OTLP_HEADERS). Answers how to send the
 * last spans and stop.
 */
export async function startTracing(
  endpoint: string,
  service: string,
): Promise<() => Promise<void>> {
  const [sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import("@opentelemetry/sdk-trace-base"),
    import("@opentelemetry/exporter-trace-otlp-proto"),
    import("@opentelemetry/resources"),
  ]);
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, "")}/v1/traces` });
  const provider = new sdk.BasicTracerProvider({
    resource: resourceFromAttributes({ "service.name": service }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.AlwaysOnSampler() }),
    spanProcessors: [new sdk.BatchSpanProcessor(exporter)],
  });
  traceWith(provider.getTracer("modelyard"));
  return async () => {
    traceWith(undefined);
    // A collector that is away must not hold up the end of a process.
    await provider.shutdown().catch(() => undefined);
  };
}
