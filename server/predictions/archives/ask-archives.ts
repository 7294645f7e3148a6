import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { DamagedObject, openObject } from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { askProcess, NoAnswer } from "@/server/kernel/process/ask-process";
import { openPrivateFolder, type PrivateFolder } from "@/server/kernel/process/private-folder";
import { createSlots } from "@/server/kernel/process/slots";
import { startProcess } from "@/server/kernel/process/start-process";
import type { AnswerTo, ArchiveTask, ProcessAnswer } from "./tasks";

const LIMITS = { timeoutMs: 60_000, residentMb: 1_536 };
const MEMORY = { memoryMb: 768, spillMb: 8_192 };
const slots = createSlots(2, 32);

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
  /** Asks DuckDB in a process of its own. Throws unavailable when that breaks or takes too much. */
  ask: Ask;
}

/**
 * Opens archives into a private folder for as long as `read` takes. A file that is gone or damaged is
 * left out and told by its place in `unreadable`. Throws unavailable when too many wait.
 */
export async function withArchives<T>(
  ctx: Pick<Context, "workspaceId" | "ports">,
  files: readonly ArchiveFile[],
  read: (open: OpenArchives, unreadable: number[]) => Promise<T>,
): Promise<T> {
  return slots(async () => {
    const folder = await openPrivateFolder();
    try {
      const paths: string[] = [];
      const unreadable: number[] = [];
      for (const [at, file] of files.entries()) {
        const path = join(folder.path, `${at}.parquet`);
        if (await copyTo(ctx, file, path)) paths.push(path);
        else unreadable.push(at);
      }
      return await read({ paths, folder: folder.path, ask: askIn(folder) }, unreadable);
    } finally {
      await folder.discard();
    }
  });
}

/** False where the store does not hold the bytes any more, or others than were stored. */
async function copyTo(
  ctx: Pick<Context, "workspaceId" | "ports">,
  file: ArchiveFile,
  path: string,
): Promise<boolean> {
  try {
    await pipeline(await openObject(ctx, file), createWriteStream(path, { mode: 0o600 }));
    return true;
  } catch (error) {
    const isGone = error instanceof AppError && error.code === "not_found";
    if (isGone || error instanceof DamagedObject) return false;
    throw error;
  }
}

const askIn =
  (folder: PrivateFolder): Ask =>
  async (task) => {
    const child = startProcess(import.meta.url, "archive-process");
    const whole = { ...task, ...MEMORY, spillFolder: folder.spillFolder };
    const said = await askProcess<ProcessAnswer>(child, whole, LIMITS).catch((error: unknown) => {
      if (error instanceof NoAnswer) return { ok: false } as const;
      throw error;
    });
    if (said.ok) return said.answer as never;
    throw new AppError(
      "unavailable",
      "Archives of the prediction log could not be read this time. Narrow the time or try again.",
      { retryAfterSeconds: 5 },
    );
  };
