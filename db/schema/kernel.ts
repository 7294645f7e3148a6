import { sql } from "drizzle-orm";
import {
  bigint,
  index,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy, workspaceId } from "../columns";
import { bytea, workspaces } from "./access";

/** Every write of a workspace, hash-chained; insert and select only. */
export const auditLog = pgTable(
  "audit_log",
  {
    workspaceId: workspaceId().references(() => workspaces.id),
    /** 1, 2, 3 … within the workspace, without gaps. */
    seq: bigint("seq", { mode: "number" }).notNull(),
    at: instant("at").notNull(),
    actor: jsonb("actor").notNull(),
    action: text("action").notNull(),
    subjectType: text("subject_type").notNull(),
    subjectId: text("subject_id").notNull(),
    before: jsonb("before"),
    after: jsonb("after"),
    requestId: text("request_id").notNull(),
    /** Zero bytes for the first row of a workspace. */
    prevHash: bytea("prev_hash").notNull(),
    hash: bytea("hash").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.seq] }),
    index("audit_log_subject").on(t.workspaceId, t.subjectType, t.subjectId),
    tenantPolicy(),
  ],
);

/**
 * Names, addresses and e-mail that audit rows point to by `personal`: the chain holds a salted
 * digest of `data` only, so deleting a row here leaves the chain valid and nothing to guess.
 */
export const auditPersonal = pgTable(
  "audit_personal",
  {
    workspaceId: workspaceId().references(() => workspaces.id),
    id: uuid("id").notNull(),
    /** user, apiKey, invitation, member … with the id that row or actor has. */
    subjectType: text("subject_type").notNull(),
    subjectId: text("subject_id").notNull(),
    data: jsonb("data").notNull(),
    salt: bytea("salt").notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index("audit_personal_subject").on(t.workspaceId, t.subjectType, t.subjectId, t.createdAt),
    tenantPolicy(),
  ],
);

/** Events written with the change they tell of; a relay sends them after the commit. */
export const outbox = pgTable(
  "outbox",
  {
    workspaceId: workspaceId().references(() => workspaces.id),
    id: uuid("id").notNull(),
    name: text("name").notNull(),
    data: jsonb("data").notNull(),
    createdAt: createdAt(),
    sentAt: instant("sent_at"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index("outbox_unsent").on(t.createdAt).where(sql`sent_at is null`),
    tenantPolicy(),
  ],
);

/** Bytes in the object store, one row per content hash and workspace. */
export const artifactObjects = pgTable(
  "artifact_objects",
  {
    workspaceId: workspaceId().references(() => workspaces.id),
    /** Lower-case hex of the SHA-256 of the plain content; the object key is derived from it. */
    sha256: text("sha256").notNull(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.sha256] }),
    uniqueIndex("artifact_objects_sha256").on(t.sha256, t.workspaceId),
    tenantPolicy(),
  ],
);
