import { bigint, foreignKey, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy, workspaceId } from "../columns";
import { artifactObjects } from "./kernel";

/** A file on its way up in parts; the row goes when the file is complete or given up. */
export const artifactUploads = pgTable(
  "artifact_uploads",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    /** run, model, trace */
    ownerKind: text("owner_kind").notNull(),
    /** The owner's id as the path names it. */
    ownerId: text("owner_id").notNull(),
    path: text("path").notNull(),
    /** How many parts may come, numbered from 1. */
    parts: integer("parts").notNull(),
    createdAt: createdAt(),
    /** No part is taken afterwards. */
    expiresAt: instant("expires_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.id] }), tenantPolicy()],
);

export const artifactUploadParts = pgTable(
  "artifact_upload_parts",
  {
    workspaceId: workspaceId(),
    uploadId: uuid("upload_id").notNull(),
    number: integer("number").notNull(),
    sha256: text("sha256").notNull(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.uploadId, t.number] }),
    foreignKey({
      columns: [t.workspaceId, t.uploadId],
      foreignColumns: [artifactUploads.workspaceId, artifactUploads.id],
    }).onDelete("cascade"),
    foreignKey({
      columns: [t.workspaceId, t.sha256],
      foreignColumns: [artifactObjects.workspaceId, artifactObjects.sha256],
    }),
    tenantPolicy(),
  ],
);
