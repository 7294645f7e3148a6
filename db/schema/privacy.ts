import { index, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy, workspaceId } from "../columns";
import { bytea, workspaces } from "./access";

/** Proofs that everything about a subject was erased; whom they are about cannot be read from them. */
export const erasures = pgTable(
  "erasures",
  {
    workspaceId: workspaceId().references(() => workspaces.id, { onDelete: "cascade" }),
    id: uuid("id").notNull(),
    /** SHA-256 of salt and subject, lower-case hex. */
    subjectDigest: text("subject_digest").notNull(),
    salt: bytea("salt").notNull(),
    /** running, complete, incomplete */
    state: text("state").notNull(),
    /** Rows by table before and after, what stays and why; null while it runs. */
    report: jsonb("report"),
    /** SHA-256 of the report's canonical JSON (RFC 8785), lower-case hex. */
    reportSha256: text("report_sha256"),
    createdAt: createdAt(),
    finishedAt: instant("finished_at"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index("erasures_created").on(t.workspaceId, t.createdAt, t.id),
    tenantPolicy(),
  ],
);
