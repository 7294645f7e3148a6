import { index, pgTable, primaryKey, smallint } from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy, workspaceId } from "../columns";
import { bytea, workspaces } from "./access";

/** First answers of calls that carried an Idempotency-Key; the key itself is never stored. */
export const idempotentAnswers = pgTable(
  "idempotent_answers",
  {
    workspaceId: workspaceId().references(() => workspaces.id, { onDelete: "cascade" }),
    /** SHA-256 of the caller and the key. */
    keyHash: bytea("key_hash").notNull(),
    /** HMAC of method, path and body under a key that follows from the Idempotency-Key; null until read. */
    requestHash: bytea("request_hash"),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
    /** null while the first call still runs, or for good when its process ended in the middle. */
    status: smallint("status"),
    /** The JSON answer, sealed under a key that follows from the Idempotency-Key. */
    answer: bytea("answer"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.keyHash] }),
    index("idempotent_answers_expiry").on(t.workspaceId, t.expiresAt),
    tenantPolicy(),
  ],
);
