import { rawNumber } from "../wire";
import { hexOf, type KeyValue, plainValue, type WireSpan } from "./read-spans";

interface WireEvent {
  name?: string;
  timeUnixNano?: string;
  attributes?: KeyValue[];
}
interface WireLink {
  traceId?: string;
  spanId?: string;
  attributes?: KeyValue[];
}

const STATUS = ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"];

const values = (attributes: KeyValue[] = []): [string, unknown][] =>
  attributes.map(({ key = "", value = {} }) => [key, plainValue(value)]);

/**
 * A kept span as it stands in the file of a trace (mlflow/entities/span.py, to_dict): ids are base64,
 * times nanoseconds, and each attribute is JSON of its own.
 */
export function toFileSpan(traceId: string, body: Record<string, unknown>) {
  const span = body as WireSpan & { events?: WireEvent[]; links?: WireLink[] };
  const attributes = values(span.attributes).map(([key, value]) => [key, JSON.stringify(value)]);
  const { code = 0, message = "" } = (span.status ?? {}) as { code?: number; message?: string };
  return {
    trace_id: span.traceId,
    span_id: span.spanId,
    parent_span_id: span.parentSpanId || null,
    name: span.name ?? "",
    start_time_unix_nano: rawNumber(span.startTimeUnixNano ?? "0"),
    end_time_unix_nano: rawNumber(span.endTimeUnixNano ?? "0"),
    events: (span.events ?? []).map((event) => ({
      name: event.name ?? "",
      time_unix_nano: rawNumber(event.timeUnixNano ?? "0"),
      attributes: Object.fromEntries(values(event.attributes)),
    })),
    status: { code: STATUS[code] ?? STATUS[0], message },
    attributes: {
      "mlflow.traceRequestId": JSON.stringify(traceId),
      ...Object.fromEntries(attributes),
    },
    links: (span.links ?? []).map((link) => ({
      trace_id: `tr-${hexOf(link.traceId)}`,
      span_id: hexOf(link.spanId),
      attributes: Object.fromEntries(values(link.attributes)),
    })),
  };
}
