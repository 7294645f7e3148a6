import { sql } from "drizzle-orm";
import {
  customType,
  index,
  pgPolicy,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy, workspaceId } from "../columns";

export const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });

const ownWorkspace = sql.raw("id = nullif(current_setting('app.workspace_id', true), '')::uuid");

/** A tenant. `slug` is the URL segment. */
export const workspaces = pgTable(
  "workspaces",
  {
    id: uuid("id").primaryKey(),
    slug: text("slug").notNull().unique(),
    name: text("name").notNull(),
    createdAt: createdAt(),
    archivedAt: instant("archived_at"),
  },
  () => [
    pgPolicy("tenant", { for: "all", to: "public", using: ownWorkspace, withCheck: ownWorkspace }),
  ],
);

/** People, across workspaces. Reached only through the lookup functions and memberships. */
export const users = pgTable("users", {
  id: uuid("id").primaryKey(),
  email: text("email"),
  name: text("name").notNull(),
  createdAt: createdAt(),
});

/** An identity is (issuer, subject), never an e-mail address. */
export const userIdentities = pgTable(
  "user_identities",
  {
    issuer: text("issuer").notNull(),
    subject: text("subject").notNull(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.issuer, t.subject] })],
);

/** Browser sessions; the token itself is never stored. */
export const sessions = pgTable(
  "sessions",
  {
    tokenHash: bytea("token_hash").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
  },
  (t) => [index("sessions_user").on(t.userId)],
);

/** One-time sign-in links; used once, then `usedAt` is set for good. */
export const signInLinks = pgTable("sign_in_links", {
  tokenHash: bytea("token_hash").primaryKey(),
  userId: uuid("user_id")
    .notNull()
    .references(() => users.id, { onDelete: "cascade" }),
  createdAt: createdAt(),
  expiresAt: instant("expires_at").notNull(),
  usedAt: instant("used_at"),
});

/** Who belongs to a workspace, and as what. */
export const members = pgTable(
  "members",
  {
    workspaceId: workspaceId().references(() => workspaces.id, { onDelete: "cascade" }),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** One of the built-in roles, or the name of a custom one. */
    role: text("role").notNull(),
    /** null: added by a person; else the OIDC provider whose groups gave the role. */
    providerId: uuid("provider_id"),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.userId] }),
    index("members_user").on(t.userId),
    tenantPolicy(),
  ],
);

/** Machine credentials. Only the SHA-256 of the secret is stored. */
export const apiKeys = pgTable(
  "api_keys",
  {
    workspaceId: workspaceId().references(() => workspaces.id, { onDelete: "cascade" }),
    id: uuid("id").notNull(),
    publicId: text("public_id").notNull(),
    secretHash: bytea("secret_hash").notNull(),
    name: text("name").notNull(),
    role: text("role").notNull(),
    /** null: all the role may do; else the part of it this key may do. */
    scopes: text("scopes").array(),
    /** The secret before the last rotation, good until the instant beside it. */
    previousSecretHash: bytea("previous_secret_hash"),
    previousValidUntil: instant("previous_valid_until"),
    /** null: the whole workspace; else the only run this key may write to. */
    runId: uuid("run_id"),
    /** null: made by the system (first start, a training job); else the person it never outgrows. */
    createdBy: uuid("created_by"),
    createdAt: createdAt(),
    expiresAt: instant("expires_at"),
    revokedAt: instant("revoked_at"),
    lastUsedAt: instant("last_used_at"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    uniqueIndex("api_keys_public_id").on(t.publicId),
    tenantPolicy(),
  ],
);

/** A pending invitation; the link's token is stored hashed. */
export const invitations = pgTable(
  "invitations",
  {
    workspaceId: workspaceId().references(() => workspaces.id, { onDelete: "cascade" }),
    id: uuid("id").notNull(),
    tokenHash: bytea("token_hash").notNull(),
    name: text("name").notNull(),
    email: text("email"),
    role: text("role").notNull(),
    createdBy: uuid("created_by"),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
    acceptedAt: instant("accepted_at"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    uniqueIndex("invitations_token").on(t.tokenHash),
    tenantPolicy(),
  ],
);
