import { z } from "zod";
import type { UnreadArchive } from "./read-archives";

/** Requests of a day that lie in archives nobody can read. */
export const unreadDay = z.object({
  day: z.string().describe("YYYY-MM-DD, in UTC."),
  reason: z
    .enum(["missing", "damaged", "unavailable"])
    .describe(
      "missing: the artifact store does not hold the file; damaged: it holds other bytes; unavailable: it could not be read this time, so asking again may help.",
    ),
  archives: z.int(),
  requests: z.int(),
});
export type UnreadDay = z.output<typeof unreadDay>;

/** One entry for each day and reason, oldest first; an archive counts once. */
export function unreadDays(unread: readonly UnreadArchive[]): UnreadDay[] {
  const archives = new Map(unread.map((one) => [one.archive.id, one]));
  const days = new Map<string, UnreadDay>();
  for (const { archive, reason } of archives.values()) {
    const day = archive.fromAt.toISOString().slice(0, 10);
    const key = `${day} ${reason}`;
    const sum = days.get(key) ?? { day, reason, archives: 0, requests: 0 };
    const { requests } = archive;
    days.set(key, { ...sum, archives: sum.archives + 1, requests: sum.requests + requests });
  }
  return [...days.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, day]) => day);
}
