import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { DamagedObject, openObject } from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { NoAnswer } from "@/server/kernel/process/ask-process";
import { KeptProcesses } from "@/server/kernel/process/kept-processes";
import { openPrivateFolder, type PrivateFolder } from "@/server/kernel/process/private-folder";
import { createSlots } from "@/server/kernel/process/slots";
import { startProcess } from "@/server/kernel/process/start-process";
import type { AnswerTo, ArchiveTask, ProcessAnswer } from "./tasks";

const LIMITS = { timeoutMs: 60_000, residentMb: 1_536 };
const MEMORY = { memoryMb: 768, spillMb: 8_192 };
/** A page is seldom looked at alone. */
const KEEPING = { idleMs: 30_000, residentMb: 512, idleMax: 2 };
/** Files that are opened at the same time. */
const OPENED_TOGETHER = 4;
const slots = createSlots(2, 32);
const processes = new KeptProcesses(
  () => startProcess(import.meta.url, "archive-process"),
  LIMITS,
  KEEPING,
);

/** An archive's file in the artifact store. */
export interface ArchiveFile {
  sha256: string;
  sizeBytes: number;
}

type Ask = <Task extends ArchiveTask>(
  task: Omit<Task, "spillFolder" | "memoryMb" | "spillMb">,
) => Promise<AnswerTo<Task>>;

/** What a reader of archives is given: their files, opened, and a folder that goes with them. */
export interface OpenArchives {
  paths: string[];
  folder: string;
  /** Asks DuckDB in a process of the workspace's own. Throws unavailable when that breaks or takes too much. */
  ask: Ask;
}

/** What became of a file that was stored: the store does not hold it any more, or other bytes. */
export type Loss = "missing" | "damaged";

/**
 * Opens archives into a private folder for as long as `read` takes. A file that is gone or damaged is
 * left out and told by its place in `lost`. Throws unavailable when too many wait and when the store
 * does not answer.
 */
export async function withArchives<T>(
  ctx: Pick<Context, "workspaceId" | "ports">,
  files: readonly ArchiveFile[],
  read: (open: OpenArchives, lost: Map<number, Loss>) => Promise<T>,
): Promise<T> {
  return slots(async () => {
    processes.warm(ctx.workspaceId);
    const folder = await openPrivateFolder();
    try {
      const lost = await copyAll(ctx, files, folder);
      const whole = [...files.keys()].filter((at) => !lost.has(at));
      const paths = whole.map((at) => pathOf(folder, at));
      return await read({ paths, folder: folder.path, ask: askIn(folder, ctx.workspaceId) }, lost);
    } finally {
      await folder.discard();
    }
  });
}

const pathOf = (folder: PrivateFolder, at: number): string => join(folder.path, `${at}.parquet`);

/** Opens files into a folder, some at a time; answers those that are lost, by place. */
async function copyAll(
  ctx: Pick<Context, "workspaceId" | "ports">,
  files: readonly ArchiveFile[],
  folder: PrivateFolder,
): Promise<Map<number, Loss>> {
  const lost = new Map<number, Loss>();
  const left = files.entries();
  const copyNext = async () => {
    for (const [at, file] of left) {
      const loss = await copyTo(ctx, file, pathOf(folder, at));
      if (loss) lost.set(at, loss);
    }
  };
  const copiers = Array.from({ length: OPENED_TOGETHER }, copyNext);
  // All of them end before the folder goes.
  const broken = (await Promise.allSettled(copiers)).find((one) => one.status === "rejected");
  if (broken) throw broken.reason;
  return lost;
}

/** What became of a file that is not what was stored. Throws unavailable when the store does not answer. */
async function copyTo(
  ctx: Pick<Context, "workspaceId" | "ports">,
  file: ArchiveFile,
  path: string,
): Promise<Loss | undefined> {
  try {
    await pipeline(await openObject(ctx, file), createWriteStream(path, { mode: 0o600 }));
    return undefined;
  } catch (error) {
    if (error instanceof DamagedObject) return "damaged";
    if (error instanceof AppError && error.code === "not_found") return "missing";
    throw error instanceof AppError ? error : unread();
  }
}

const unread = () =>
  new AppError(
    "unavailable",
    "Archives of the prediction log could not be read this time. Narrow the time or try again.",
    { retryAfterSeconds: 5 },
  );

const askIn =
  (folder: PrivateFolder, workspaceId: string): Ask =>
  async (task) => {
    const whole = { ...task, ...MEMORY, spillFolder: folder.spillFolder };
    const said = await processes.ask<ProcessAnswer>(workspaceId, whole).catch((error: unknown) => {
      if (error instanceof NoAnswer) return { ok: false } as const;
      throw error;
    });
    if (said.ok) return said.answer as never;
    throw unread();
  };
