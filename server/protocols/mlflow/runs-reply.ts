import type { RunDetailDto, RunDto } from "@/server/experiments/schemas";
import type { Page } from "@/server/kernel/paging";
import { toWireRunDetail } from "./wire";

type Found = RunDto & Pick<RunDetailDto, "inputs" | "modelInputs" | "modelOutputs">;

/**
 * A page of runs as the text of a reply. Pages hold ten thousands of metrics: written as text, without an
 * object for each, they take half the time.
 */
export function runsReply({ items, nextCursor }: Page<Found>): Response {
  const keys = new Map<string, string>();
  const runs = items.map((run) => runText(run, keys)).join(",");
  const parts = [
    ...(runs ? [`"runs":[${runs}]`] : []),
    ...(nextCursor ? [`"next_page_token":${JSON.stringify(nextCursor)}`] : []),
  ];
  return new Response(`{${parts.join(",")}}`, { headers: { "content-type": "application/json" } });
}

function runText(run: Found, keys: Map<string, string>): string {
  if (run.metrics.length === 0) return JSON.stringify(toWireRunDetail(run));
  const { data, ...rest } = toWireRunDetail({ ...run, metrics: [] });
  const metrics = run.metrics.map((metric) => metricText(metric, keys)).join(",");
  const others = JSON.stringify(data).slice(1, -1);
  const body = `"data":{"metrics":[${metrics}]${others ? `,${others}` : ""}}`;
  return `${JSON.stringify(rest).slice(0, -1)},${body}}`;
}

function metricText(metric: RunDto["metrics"][number], keys: Map<string, string>): string {
  let key = keys.get(metric.key);
  if (key === undefined) {
    key = JSON.stringify(metric.key);
    keys.set(metric.key, key);
  }
  // Proto JSON writes what JSON numbers cannot hold as text.
  const value =
    typeof metric.value === "number" ? metric.value : JSON.stringify(metric.value ?? "NaN");
  const timestamp = metric.exactTimestamp ?? metric.timestamp;
  return `{"key":${key},"value":${value},"timestamp":${timestamp},"step":${metric.exactStep ?? metric.step}}`;
}
