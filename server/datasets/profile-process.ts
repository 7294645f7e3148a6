import { answerOne } from "@/server/kernel/process/answer-one";
import { type ProfileTask, profileTable } from "./profile/profile-table";
import { type DatasetTable, readTable, type TableTask } from "./profile/read-table";
import { UnreadableFile } from "./profile/unreadable-file";
import type { DatasetProfile } from "./schemas";

/** What the process answers, once, before it ends. */
export type ProfileAnswer =
  | { ok: true; profile: DatasetProfile }
  | { ok: true; table: DatasetTable }
  | { ok: false; unreadable: string }
  | { ok: false; broken: string };

async function answerTo(task: ProfileTask | TableTask): Promise<ProfileAnswer> {
  try {
    if ("rowsMax" in task) return { ok: true, table: await readTable(task) };
    return { ok: true, profile: await profileTable(task) };
  } catch (error) {
    if (error instanceof UnreadableFile) return { ok: false, unreadable: error.message };
    return { ok: false, broken: error instanceof Error ? error.message : String(error) };
  }
}

answerOne(answerTo);
