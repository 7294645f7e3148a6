import type { SpanInput } from "@/server/experiments";
import { invalidParameter } from "../errors";
import { exportRequest, PROTO_JSON } from "./trace-proto";

interface AnyValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string;
  doubleValue?: number | string;
  arrayValue?: { values?: AnyValue[] };
  kvlistValue?: { values?: KeyValue[] };
  bytesValue?: string;
}
export interface KeyValue {
  key?: string;
  value?: AnyValue;
}
/** A span in proto JSON; ids are base64. */
export interface WireSpan extends Record<string, unknown> {
  traceId?: string;
  spanId?: string;
  parentSpanId?: string;
  name?: string;
  startTimeUnixNano?: string;
  endTimeUnixNano?: string;
  attributes?: KeyValue[];
  status?: { code?: number };
}
interface WireExport {
  resourceSpans?: {
    resource?: { attributes?: KeyValue[] };
    scopeSpans?: { spans?: WireSpan[] }[];
  }[];
}

const malformed = () => invalidParameter("Invalid OpenTelemetry format");

/** Characters of a preview. */
const PREVIEW = 1000;
/** Attributes of a program that hold no information of a trace. */
const INTERNAL = /^(telemetry\.sdk\.|mlflow\.)/;

/**
 * The spans of an export, protobuf or JSON. Throws INVALID_PARAMETER_VALUE for what is neither, for no span
 * at all, and for a span without its ids.
 */
export function readSpans(bytes: Buffer, isJson: boolean): SpanInput[] {
  const message = decode(bytes, isJson);
  const spans = (message.resourceSpans ?? []).flatMap(({ resource, scopeSpans = [] }) => {
    const tags = resourceTags(resource?.attributes ?? []);
    return scopeSpans.flatMap((scope) => (scope.spans ?? []).map((span) => toSpan(span, tags)));
  });
  if (spans.length === 0) throw invalidParameter("Invalid OpenTelemetry format - no spans found");
  return spans;
}

function decode(bytes: Buffer, isJson: boolean): WireExport {
  try {
    const message = isJson
      ? exportRequest.fromObject(JSON.parse(bytes.toString("utf8"), withBase64Ids))
      : exportRequest.decode(bytes);
    // PostgreSQL keeps no NUL character.
    const text = JSON.stringify(exportRequest.toObject(message, PROTO_JSON));
    return JSON.parse(text.replaceAll("\\u0000", "\\ufffd"));
  } catch {
    throw malformed();
  }
}

/** OTLP's JSON writes ids as hex, proto JSON as base64. */
function withBase64Ids(key: string, value: unknown): unknown {
  if (!/^(traceId|spanId|parentSpanId)$/.test(key) || typeof value !== "string") return value;
  return Buffer.from(value, "hex").toString("base64");
}

/** An id of proto JSON, as the hex digits people know. */
export const hexOf = (base64: string | undefined): string =>
  Buffer.from(base64 ?? "", "base64").toString("hex");

function toSpan(span: WireSpan, tags: Record<string, string>): SpanInput {
  const traceHex = hexOf(span.traceId);
  const spanId = hexOf(span.spanId);
  if (traceHex.length !== 32 || spanId.length !== 16) {
    throw invalidParameter("Cannot convert OpenTelemetry span to MLflow span: an id is missing.");
  }
  const attributes = new Map((span.attributes ?? []).map(({ key, value }) => [key, value]));
  const text = (key: string) => plainText(attributes.get(key));
  return {
    traceId: `tr-${traceHex}`,
    spanId,
    parentId: hexOf(span.parentSpanId) || null,
    name: (span.name ?? "").slice(0, 1000),
    type: unquoted(text("mlflow.spanType"))?.slice(0, 250) ?? null,
    status: (["UNSET", "OK", "ERROR"] as const)[span.status?.code ?? 0] ?? "UNSET",
    startTime: BigInt(span.startTimeUnixNano ?? 0),
    endTime: BigInt(span.endTimeUnixNano ?? 0),
    inputs: text("mlflow.spanInputs")?.slice(0, PREVIEW) ?? null,
    outputs: text("mlflow.spanOutputs")?.slice(0, PREVIEW) ?? null,
    tags,
    body: span,
  };
}

/** What a program says of itself, such as its service's name, as tags. */
function resourceTags(attributes: KeyValue[]): Record<string, string> {
  const tags = attributes.flatMap(({ key = "", value }): [string, string][] => {
    const text = plainText(value);
    const isGood = key !== "" && key.length <= 250 && text !== undefined && text.length <= 8000;
    return isGood && !INTERNAL.test(key) ? [[key, text]] : [];
  });
  return Object.fromEntries(tags.slice(0, 100));
}

/** An attribute's value as text; JSON where it is no text. */
function plainText(value: AnyValue | undefined): string | undefined {
  if (!value) return undefined;
  const plain = plainValue(value);
  return typeof plain === "string" ? plain : JSON.stringify(plain);
}

/** What an attribute holds, as JSON. */
export function plainValue(value: AnyValue): unknown {
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.boolValue !== undefined) return value.boolValue;
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.doubleValue !== undefined) return value.doubleValue;
  if (value.bytesValue !== undefined) return value.bytesValue;
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(plainValue);
  if (!value.kvlistValue) return null;
  const entries = value.kvlistValue.values ?? [];
  return Object.fromEntries(entries.map((one) => [one.key ?? "", plainValue(one.value ?? {})]));
}

/** MLflow writes texts as JSON. */
const unquoted = (text: string | undefined): string | undefined =>
  text && /^"[^"\\]*"$/.test(text) ? text.slice(1, -1) : text;
