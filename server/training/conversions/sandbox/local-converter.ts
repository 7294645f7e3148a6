import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "@/server/kernel/errors";
import type { ConversionEnd, ConversionTask, ModelConverter } from "@/server/kernel/ports";
import type { Readiness } from "../../dispatcher/settings";
import { NATIVE_BYTES_MAX, ONNX_BYTES_MAX } from "../constants";
import { readOutput } from "./read-output";
import { runSandbox, type SandboxExit, type SandboxLimits } from "./run-sandbox";

export interface LocalConverterOptions {
  /** Every conversion gets a folder of its own in it, for as long as it runs. */
  folder: string;
  interpreter: () => string;
  readiness: () => Readiness;
  limits?: Partial<SandboxLimits>;
}

const LIMITS: SandboxLimits = {
  memoryBytes: 4 * 1024 ** 3,
  cpuSeconds: 300,
  timeoutMs: 300_000,
  fileBytes: ONNX_BYTES_MAX,
  logBytes: 256 * 1024,
  outputBytes: 64 * 1024 * 1024,
};
const EXAMPLE_BYTES_MAX = 16 * 1024 * 1024;
/** Making the Python environment may take minutes on a first start. */
const READY_MS = 15 * 60_000;
const LEFTOVER_MS = 24 * 60 * 60_000;
const EXIT_NO_WALLS = 70;

/** Conversions as walled-off Python processes of this machine. */
export function createLocalConverter(options: LocalConverterOptions): ModelConverter {
  const limits = { ...LIMITS, ...options.limits };
  return {
    async convert(task, signal, use) {
      await untilReady(options.readiness, signal);
      await removeLeftovers(options.folder);
      const folder = join(options.folder, randomUUID());
      try {
        const spec = await prepare(folder, task, limits);
        const exit = spec.refused
          ? { kind: "refused" as const, error: spec.refused, log: "" }
          : await runSandbox({ folder, interpreter: options.interpreter(), limits, signal });
        signal.throwIfAborted();
        return await use(await endOf(folder, exit, limits));
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

async function untilReady(readiness: () => Readiness, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    const now = readiness();
    if (now.state === "ready") return;
    if (now.state === "failed") throw new AppError("conflict", now.message);
    if (Date.now() > deadline) throw new AppError("unavailable", now.message);
    await sleep(500);
    signal.throwIfAborted();
  }
}

/** Folders of killed workers; what they held runs no more. */
async function removeLeftovers(root: string): Promise<void> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  for (const name of await readdir(root)) {
    const path = join(root, name);
    const found = await stat(path).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > LEFTOVER_MS) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

/** Lays out what the sandbox may read. Names in it are ours: a path of a model never becomes one. */
async function prepare(
  folder: string,
  { form, flavor, columns, model, example }: ConversionTask,
  limits: SandboxLimits,
): Promise<{ refused: string | null }> {
  if (model.sizeBytes > NATIVE_BYTES_MAX) {
    return { refused: `The model is larger than ${NATIVE_BYTES_MAX / 1024 ** 2} MiB.` };
  }
  const input = join(folder, "input");
  await mkdir(input, { recursive: true, mode: 0o700 });
  const ending = /^\.[a-z]{1,8}$/i.exec(extname(model.path))?.[0] ?? "";
  const modelFile = `input/model${ending}`;
  await pipeline(await model.open(), createWriteStream(join(folder, modelFile), { mode: 0o400 }));
  const isExampleKept = example !== null && example.sizeBytes <= EXAMPLE_BYTES_MAX;
  const exampleFile = isExampleKept ? "input/example.json" : null;
  if (example && exampleFile) {
    await pipeline(await example.open(), createWriteStream(join(folder, exampleFile)));
  }
  const spec = {
    form,
    flavor,
    signature: columns,
    modelFile,
    exampleFile,
    limits: { memory: limits.memoryBytes, seconds: limits.cpuSeconds, file: limits.fileBytes },
    parent: process.pid,
  };
  await writeFile(join(folder, "spec.json"), JSON.stringify(spec), { mode: 0o400 });
  return { refused: null };
}

async function endOf(
  folder: string,
  exit: SandboxExit,
  limits: SandboxLimits,
): Promise<ConversionEnd> {
  const { log } = exit;
  const failed = (error: string, walls: unknown = null) => ({ walls, log, error, result: null });
  if (exit.kind === "refused") return failed(exit.error);
  const told = await readOutput(join(folder, "walls.json"), 4096);
  const walls = told ? parse(told.toString("utf8")) : null;
  if (exit.kind === "stopped") return failed(exit.error, walls);
  if (exit.code === EXIT_NO_WALLS) {
    return failed(
      "This machine cannot wall off a pickled model (it needs Linux with Landlock and seccomp), so it was not read. Log it anew in MLflow's skops format.",
      walls,
    );
  }
  if (exit.code !== 0) return failed(sentence(exit.lastError), walls);
  const description = await readOutput(join(folder, "result.json"), 8 * 1024 * 1024);
  const onnx = join(folder, "model.onnx");
  const isFile = (await readOutput(onnx, limits.fileBytes, true)) !== null;
  if (!description || !isFile) return failed("The conversion left no whole result.", walls);
  return {
    walls,
    log,
    error: null,
    result: {
      onnx: () => createReadStream(onnx),
      description: parse(description.toString("utf8")),
    },
  };
}

/** The converting program speaks in clauses. */
const sentence = (clause: string): string =>
  `${clause.charAt(0).toUpperCase()}${clause.slice(1).replace(/\.$/, "")}.`;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
