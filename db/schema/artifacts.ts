import { sql } from "drizzle-orm";
import {
  bigint,
  foreignKey,
  index,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy, workspaceId } from "../columns";
import { bytea, workspaces } from "./access";

/** Keys of a workspace, wrapped by a key-encryption key; one is current, retired ones await their end. */
export const workspaceKeys = pgTable(
  "workspace_keys",
  {
    workspaceId: workspaceId().references(() => workspaces.id),
    id: uuid("id").notNull(),
    /** Fingerprint of the key-encryption key that wraps this one. */
    kekId: text("kek_id").notNull(),
    /** Nonce (12), key (32), tag (16); null once the workspace's artifacts are erased. */
    wrappedKey: bytea("wrapped_key"),
    createdAt: createdAt(),
    /** Null for the one that wraps new object keys. */
    retiredAt: instant("retired_at"),
    /** Set when the key was destroyed to make the workspace's artifacts unreadable for good. */
    erasedAt: instant("erased_at"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    uniqueIndex("workspace_keys_current").on(t.workspaceId).where(sql`retired_at is null`),
    tenantPolicy(),
  ],
);

/**
 * Where the bytes of a content hash lie and the key that opens them, wrapped by a workspace key.
 * Written before the row of artifact_objects that makes the object visible.
 */
export const objectKeys = pgTable(
  "object_keys",
  {
    workspaceId: workspaceId().references(() => workspaces.id),
    /** Lower-case hex of the SHA-256 of the plain content. */
    sha256: text("sha256").notNull(),
    /** The name of the sealed bytes in the store. */
    objectId: uuid("object_id").notNull(),
    /** Of the plain content. */
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    workspaceKeyId: uuid("workspace_key_id").notNull(),
    /** Nonce (12), key (32), tag (16); the tag binds workspace, object, hash and size. */
    wrappedKey: bytea("wrapped_key").notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.sha256] }),
    // A workspace key cannot go while an object key still needs it.
    foreignKey({
      columns: [t.workspaceId, t.workspaceKeyId],
      foreignColumns: [workspaceKeys.workspaceId, workspaceKeys.id],
    }),
    index("object_keys_workspace_key").on(t.workspaceId, t.workspaceKeyId, t.sha256),
    tenantPolicy(),
  ],
);
