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
    const folder = await openPrivateFolder();
    try {
      const paths: string[] = [];
      const lost = new Map<number, Loss>();
      for (const [at, file] of files.entries()) {
        const path = join(folder.path, `${at}.parquet`);
        const loss = await copyTo(ctx, file, path);
        if (loss) lost.set(at, loss);
        else paths.push(path);
      }
      return await read({ paths, folder: folder.path, ask: askIn(folder) }, lost);
    } finally {
      await folder.discard();
    }
  });
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
  (folder: PrivateFolder): Ask =>
  async (task) => {
    const child = startProcess(import.meta.url, "archive-process");
    const whole = { ...task, ...MEMORY, spillFolder: folder.spillFolder };
    const said = await askProcess<ProcessAnswer>(child, whole, LIMITS).catch((error: unknown) => {
      if (error instanceof NoAnswer) return { ok: false } as const;
      throw error;
    });
    if (said.ok) return said.answer as never;
    throw unread();
  };
