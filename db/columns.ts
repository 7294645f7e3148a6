import { sql } from "drizzle-orm";
import { customType, pgPolicy, timestamp, uuid } from "drizzle-orm/pg-core";
import { type ExactInt, exactInt } from "@/server/kernel/exact-int";

/** Tenant column; first in every primary key, unique constraint and index of a tenant table. */
export const workspaceId = () => uuid("workspace_id").notNull();

/** Milliseconds precision is enough for people; stored with time zone. */
export const instant = (name: string) =>
  timestamp(name, { withTimezone: true, mode: "date", precision: 3 });

export const createdAt = () => instant("created_at").notNull().defaultNow();

/** True when the row belongs to the workspace of the transaction; false when none is set. */
export const inCurrentWorkspace = sql.raw(
  "workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid",
);

/** The one policy of every tenant table: what you may see is what you may write. */
export const tenantPolicy = () =>
  pgPolicy("tenant", {
    as: "permissive",
    for: "all",
    to: "public",
    using: inCurrentWorkspace,
    withCheck: inCurrentWorkspace,
  });

/** A whole number of 64 bits that stays exact beyond 2^53. */
export const exactBigint = customType<{ data: ExactInt; driverData: string | number }>({
  dataType: () => "bigint",
  fromDriver: (value) => exactInt(value) ?? 0,
  toDriver: String,
});
