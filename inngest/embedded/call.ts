import { createHmac } from "node:crypto";
import { canonicalJson } from "./json";
import { LIMITS } from "./limits";
import type { HeldJob } from "./locked-run";
import type { SdkResponse } from "./sdk-response";

/** The SDK's serve handler, called in-process. */
export type Handler = (request: Request) => Promise<Response>;

const SERVE_URL = "http://embedded.inngest.invalid/api/inngest";

/** Asks the SDK for the configurations of all functions it serves. @throws Error when it refuses. */
export async function fetchConfigs(
  handler: Handler,
  signingKey: string,
): Promise<{ appId: string; functions: { id: string }[] }> {
  const request = signed("PUT", SERVE_URL, { url: SERVE_URL }, signingKey, {
    "x-inngest-sync-kind": "in_band",
  });
  const response = await handler(request);
  const body = (await response.json()) as { app_id?: string; functions?: { id: string }[] };
  if (response.status !== 200 || !body.app_id || !body.functions) {
    throw new Error(
      `The Inngest SDK refused to list its functions (${response.status}); is INNGEST_ALLOW_IN_BAND_SYNC off, or is the client built without the transport's keys?`,
    );
  }
  return { appId: body.app_id, functions: body.functions };
}

/** Calls the function for one job, memoized steps included. A handler that throws is a 500. */
export async function callFunction(
  handler: Handler,
  signingKey: string,
  job: HeldJob,
): Promise<SdkResponse> {
  const url = new URL(SERVE_URL);
  url.searchParams.set("fnId", job.functionId);
  url.searchParams.set("stepId", job.stepId ?? "step");
  const headers = job.requestVersion
    ? { "x-inngest-req-version": String(job.requestVersion) }
    : undefined;
  try {
    const response = await handler(signed("POST", url.href, requestBody(job), signingKey, headers));
    return await readResponse(response);
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    return { status: 500, noRetry: false, body: { name, message, stack } };
  }
}

function requestBody(job: HeldJob): unknown {
  return {
    version: job.requestVersion ?? -1,
    event: job.event,
    events: [job.event],
    steps: Object.fromEntries(
      job.steps.map((step) => [
        step.id,
        step.failed
          ? { type: "error", error: step.result }
          : { type: "data", data: step.result ?? null },
      ]),
    ),
    ctx: {
      run_id: job.runId,
      attempt: job.attempt,
      max_attempts: job.maxAttempts,
      disable_immediate_execution: job.forcePlan,
      use_api: false,
      fn_id: job.functionId,
      qi_id: `${job.id}:${job.token}`,
      stack: { stack: job.steps.map((step) => step.id), current: job.steps.length },
    },
  };
}

function signed(
  method: string,
  url: string,
  body: unknown,
  signingKey: string,
  headers: Record<string, string> = {},
): Request {
  const time = Math.floor(Date.now() / 1000).toString();
  const key = signingKey.replace(/^signkey-\w+-/, "");
  // The SDK canonicalizes what it parsed, so the signature is over that form, whatever is sent.
  const text = JSON.stringify(body);
  const signature = createHmac("sha256", key)
    .update(canonicalJson(JSON.parse(text)))
    .update(time)
    .digest("hex");
  return new Request(url, {
    method,
    body: text,
    headers: {
      host: new URL(url).host,
      "content-type": "application/json",
      "x-inngest-signature": `t=${time}&s=${signature}`,
      ...headers,
    },
  });
}

interface Streamed {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

async function readResponse(response: Response): Promise<SdkResponse> {
  const body = parse(await response.text());
  const header = (name: string) => response.headers.get(name);
  if (response.status !== 201) return shape(response.status, header, body);
  // Streaming mode wraps the answer, sometimes as text within text.
  const inner = (typeof body === "string" ? parse(body) : body) as Streamed;
  const content = typeof inner.body === "string" ? parse(inner.body) : inner.body;
  return shape(inner.status, (name) => inner.headers?.[name] ?? header(name), content);
}

function shape(
  status: number,
  header: (name: string) => string | null,
  body: unknown,
): SdkResponse {
  const version = Number(header("x-inngest-req-version"));
  return {
    status,
    noRetry: header("x-inngest-no-retry") === "true",
    retryAfterMs: retryAfter(header("retry-after")),
    requestVersion: version > 0 ? version : undefined,
    body,
  };
}

/** Seconds or a date, as milliseconds within the limits. */
function retryAfter(text: string | null): number | undefined {
  if (!text) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  if (Number.isNaN(ms)) return undefined;
  return Math.min(LIMITS.retryAfterMsMax, Math.max(LIMITS.retryAfterMsMin, ms));
}

function parse(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
