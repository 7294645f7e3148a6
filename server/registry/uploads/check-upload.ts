import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";
import { AppError, invalid } from "@/server/kernel/errors";
import type { CheckAnswer, CheckRequest } from "./check-process";
import {
  type CheckedModel,
  checkedModel,
  type SignatureHints,
  type SignatureProposal,
  signatureProposal,
} from "./schemas";

/** What one check may take; beyond it the process is ended. */
export interface CheckLimits {
  timeoutMs: number;
  residentMb: number;
}
const LIMITS: CheckLimits = { timeoutMs: 120_000, residentMb: 3_072 };
const WATCH_EVERY_MS = 250;
const CHECKS_MAX = 2;
let running = 0;

/**
 * Checks an ONNX file in a process of its own, which gets no environment of ours and ends with the
 * check, so that no file ends or blocks this one. Throws validation_failed when no node would load
 * the model, unavailable when too many are being checked.
 */
export async function checkUpload(
  content: Readable,
  hints: SignatureHints,
  limits: CheckLimits = LIMITS,
): Promise<CheckedModel> {
  return checkedModel.parse(await askProcess(content, { hints, proposes: false }, limits));
}

/** Reads an ONNX file in such a process and proposes its signature. Throws as checkUpload does. */
export async function proposeUpload(
  content: Readable,
  hints: SignatureHints,
): Promise<SignatureProposal> {
  const said = await askProcess(content, { hints, proposes: true }, LIMITS);
  const proposal = signatureProposal.parse(said);
  return { ...proposal, reason: proposal.reason && sentence(proposal.reason) };
}

async function askProcess(
  content: Readable,
  request: CheckRequest,
  limits: CheckLimits,
): Promise<unknown> {
  if (running >= CHECKS_MAX) {
    content.destroy();
    throw unavailable("Too many models are being checked. Try again soon.");
  }
  running += 1;
  const child = start();
  try {
    const answer = await converse(child, content, request, limits);
    if (answer.kind === "fit") return answer.model;
    if (answer.kind === "unfit") throw refuse(sentence(answer.reason));
    throw unavailable("The model could not be checked this time. Try again.");
  } finally {
    child.kill("SIGKILL");
    content.destroy();
    running -= 1;
  }
}

/** Nodes speak in clauses. */
const sentence = (clause: string): string =>
  `${clause.charAt(0).toUpperCase()}${clause.slice(1).replace(/\.$/, "")}.`;

const unavailable = (message: string) =>
  new AppError("unavailable", message, { retryAfterSeconds: 5 });
const refuse = (reason: string) => invalid(reason, [{ path: "model", message: reason }]);

/** Talks to the process until it answers; rejects when it ends, takes too long or too much. */
function converse(
  child: ChildProcess,
  content: Readable,
  request: CheckRequest,
  limits: CheckLimits,
): Promise<CheckAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<CheckAnswer>();
  const late = setTimeout(
    () => reject(refuse(`Checking the model takes more than ${limits.timeoutMs / 1000} seconds.`)),
    limits.timeoutMs,
  );
  const watch = setInterval(async () => {
    if ((await residentMb(child)) <= limits.residentMb) return;
    reject(refuse(`Loading the model takes more than ${limits.residentMb} MB of memory.`));
  }, WATCH_EVERY_MS);
  child.on("error", reject);
  // The native runtime may end the process on a graph it did not foresee: the file's fault, not ours.
  child.on("exit", () => reject(refuse("The model ended the process that checked it.")));
  child.on("message", (answer) => resolve(answer as CheckAnswer));
  child.stderr?.resume();
  // A process that ended reads no more; its exit says so.
  child.stdin?.on("error", () => undefined);
  content.on("error", reject);
  child.send(request, () => undefined);
  if (child.stdin) content.pipe(child.stdin);
  return promise.finally(() => {
    clearTimeout(late);
    clearInterval(watch);
  });
}

/** From Linux's books; 0 where there are none. */
async function residentMb(child: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, "latin1").catch(() => "");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}

/** The bundle beside a bundled caller, the source through tsx otherwise. */
function start(): ChildProcess {
  const here = dirname(fileURLToPath(import.meta.url));
  const bundle = join(here, "check-model-process.mjs");
  const source = join(here, "check-process.ts");
  const loader = () => pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const program = existsSync(bundle) ? [bundle] : ["--import", loader(), source];
  return spawn(process.execPath, program, {
    env: { NODE_ENV: "production" },
    stdio: ["pipe", "ignore", "pipe", "ipc"],
    serialization: "advanced",
  });
}
