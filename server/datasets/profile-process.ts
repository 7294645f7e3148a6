import { setPriority } from "node:os";
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

// Pages and predictions go first on a busy machine.
setPriority(10);
// Nobody waits for an answer once the process that asked is gone.
process.once("disconnect", () => process.exit(1));
process.once("message", (task: ProfileTask | TableTask) => {
  void answerTo(task).then((answer) => {
    process.send?.(answer, undefined, undefined, () => process.exit(0));
  });
});
