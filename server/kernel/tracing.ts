import {
  type Attributes,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";

/** Where a request stands in its trace; made at the edge and handed down. */
export interface Traced {
  /** 32 hex digits. */
  traceId: string;
  /** W3C trace context for whoever is asked next. */
  traceparent: string;
  /** The span of a call to another process. */
  child(name: string): Traced;
  /** Ends the span; `error` says that it failed and why. */
  end(attributes?: Attributes, error?: string): void;
}

let tracer: Tracer | undefined;

/** Spans go to `next` from now on; undefined makes none. Called by the main of a process. */
export function traceWith(next: Tracer | undefined): void {
  tracer = next;
}

const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

/**
 * Begins what this process does for a request. `header` is the caller's traceparent (W3C Trace
 * Context); a malformed one counts as none. Without tracing the caller's context is passed on as it
 * is; without both there is nothing to do and the answer is undefined.
 */
export function beginTrace(header: string | undefined, name: string): Traced | undefined {
  if (!tracer && header === undefined) return undefined;
  const [, traceId = "", spanId = "", flags = ""] = TRACEPARENT.exec(header ?? "") ?? [];
  if (!tracer) return traceId === "" ? undefined : passedOn(traceId, header ?? "");
  const traceFlags = Number.parseInt(flags, 16) & 1;
  const parent =
    traceId === ""
      ? ROOT_CONTEXT
      : trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
  return traced(tracer, tracer.startSpan(name, { kind: SpanKind.SERVER }, parent));
}

const passedOn = (traceId: string, traceparent: string): Traced => {
  const self: Traced = { traceId, traceparent, child: () => self, end: () => undefined };
  return self;
};

function traced(from: Tracer, span: Span): Traced {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return {
    traceId,
    traceparent: `00-${traceId}-${spanId}-0${traceFlags & 1}`,
    child: (name) =>
      traced(
        from,
        from.startSpan(name, { kind: SpanKind.CLIENT }, trace.setSpan(ROOT_CONTEXT, span)),
      ),
    end: (attributes, error) => {
      if (attributes) span.setAttributes(attributes);
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
      span.end();
    },
  };
}
