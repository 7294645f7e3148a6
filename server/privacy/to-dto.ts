import type { erasures } from "@/db/schema";
import { type ErasureDto, erasureReport } from "./schemas";

type State = ErasureDto["state"];

/** A proof as it was written. */
export function toErasureDto(row: typeof erasures.$inferSelect): ErasureDto {
  return {
    id: row.id,
    state: row.state as State,
    subjectDigest: row.subjectDigest,
    salt: row.salt.toString("hex"),
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    report: row.report === null ? null : erasureReport.parse(row.report),
    reportSha256: row.reportSha256,
  };
}
