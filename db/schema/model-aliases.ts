import { sql } from "drizzle-orm";
import { foreignKey, index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy, workspaceId } from "../columns";
import { models, modelVersions } from "./registry";

/** A name that points to one version of a model and can be moved, such as champion. */
export const modelAliases = pgTable(
  "model_aliases",
  {
    workspaceId: workspaceId(),
    modelId: uuid("model_id").notNull(),
    alias: text("alias").notNull(),
    versionId: uuid("version_id").notNull(),
    createdAt: createdAt(),
    /** When it was pointed at this version. */
    updatedAt: instant("updated_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.modelId, t.alias] }),
    index("model_aliases_version").on(t.workspaceId, t.versionId),
    foreignKey({
      columns: [t.workspaceId, t.modelId],
      foreignColumns: [models.workspaceId, models.id],
    }).onDelete("cascade"),
    foreignKey({
      columns: [t.workspaceId, t.versionId],
      foreignColumns: [modelVersions.workspaceId, modelVersions.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);

/** Free key and value pairs of a version. */
export const modelVersionTags = pgTable(
  "model_version_tags",
  {
    workspaceId: workspaceId(),
    versionId: uuid("version_id").notNull(),
    key: text("key").notNull(),
    value: text("value").notNull(),
    /** The beginning of the value; an index cannot hold all of a long one. */
    valueHead: text("value_head").notNull().generatedAlwaysAs(sql`left(value, 128)`),
    updatedAt: instant("updated_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.versionId, t.key] }),
    index("model_version_tags_value").on(t.workspaceId, t.key, t.valueHead, t.versionId),
    foreignKey({
      columns: [t.workspaceId, t.versionId],
      foreignColumns: [modelVersions.workspaceId, modelVersions.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);
