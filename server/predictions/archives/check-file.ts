import type { Duck } from "@/server/kernel/process/duck";
import { filesOf } from "./files-of";
import type { AnswerTo, CheckTask } from "./tasks";

/** Reads a written file back: how many requests it holds, and the SHA-256 of their ids, parted by commas. */
export async function checkFile(duck: Duck, task: CheckTask): Promise<AnswerTo<CheckTask>> {
  const [row] = await duck.rows(
    `select count(*)::int, coalesce(sha256(string_agg(request_id, ',' order by "at", request_id)), '')
     from ${filesOf(task.paths)}`,
  );
  return { requests: Number(row?.[0]), digest: String(row?.[1]) };
}
