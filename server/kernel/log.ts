import pino, { type DestinationStream, type Logger } from "pino";
import { scrub } from "./scrub";

export type Log = Logger;

/** The only fields a log line may have; any other is left out and named in `leftOut`. */
const ALLOWED = new Set([
  "attempt",
  "bytes",
  "code",
  "err",
  "error",
  "events",
  "expression",
  "functionId",
  "functions",
  "jobId",
  "message",
  "model",
  "ms",
  "names",
  "node",
  "path",
  "pathname",
  "port",
  "process",
  "reason",
  "requestId",
  "rows",
  "rowsMax",
  "runId",
  "signal",
  "slots",
  "stepId",
  "url",
  "versionId",
  "workspaceId",
]);

const TEXT_MAX = 4000;
const CAUSES_MAX = 4;

/** JSON lines on stdout: allowed fields alone, and no text that looks like a credential. */
export function createLog(name: string, level: string, destination?: DestinationStream): Log {
  const options = {
    name,
    level,
    base: { name, pid: process.pid },
    formatters: { log: allowedFields },
    // Errors are plain fields by then; pino's own serializer would describe them again.
    serializers: { err: (value: unknown) => value },
    hooks: {
      logMethod(this: Logger, args: Parameters<Logger["info"]>, method: Logger["info"]) {
        method.apply(this, args.map(scrubText) as Parameters<Logger["info"]>);
      },
    },
  };
  return destination ? pino(options, destination) : pino(options);
}

const scrubText = (value: unknown): unknown => (typeof value === "string" ? scrub(value) : value);

function allowedFields(fields: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  const leftOut: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (!ALLOWED.has(name)) leftOut.push(name.slice(0, 50));
    else kept[name] = plain(value);
  }
  return leftOut.length > 0 ? { ...kept, leftOut } : kept;
}

/** Numbers, texts and errors in a few words; of anything else only what it is. */
function plain(value: unknown): unknown {
  if (value instanceof Error) return describeError(value);
  if (typeof value === "string") return scrub(value).slice(0, TEXT_MAX);
  if (Array.isArray(value)) return value.slice(0, 50).map((one) => plain(one));
  if (value === null || value === undefined || typeof value === "number") return value;
  return typeof value === "boolean" ? value : `[${typeof value}]`;
}

/** Type, message, code, stack and causes. Values a driver hangs on its errors stay behind. */
function describeError(error: Error, causes = 0): Record<string, unknown> {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return {
    type: error.name,
    message: scrub(error.message).slice(0, TEXT_MAX),
    ...(typeof code === "string" ? { code } : {}),
    ...(error.stack ? { stack: scrub(error.stack).slice(0, TEXT_MAX) } : {}),
    ...(cause instanceof Error && causes < CAUSES_MAX
      ? { cause: describeError(cause, causes + 1) }
      : {}),
  };
}
