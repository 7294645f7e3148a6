import { sql } from "drizzle-orm";
import {
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy, workspaceId } from "../columns";
import { models, modelVersions } from "./registry";

/** A named endpoint in one environment. Its traffic is split over variants. */
export const deployments = pgTable(
  "deployments",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    modelId: uuid("model_id").notNull(),
    name: text("name").notNull(),
    /** development, staging, production */
    environment: text("environment").notNull(),
    /** pending, deploying, active, inactive, failed, rolled_back */
    status: text("status").notNull(),
    /** Why it failed, for a person. */
    error: text("error"),
    minReplicas: integer("min_replicas").notNull().default(1),
    maxReplicas: integer("max_replicas").notNull().default(1),
    /** What scaling by itself wants now, 0 while idle; null where replicas are set by hand, to the most. */
    scaledReplicas: integer("scaled_replicas"),
    /** server/deployments/settings: routing, batching, logging, placement, scaling. */
    settings: jsonb("settings").notNull().default({}),
    /** Counts the changes of traffic and of roll-outs; who changes names the one seen last. */
    revision: integer("revision").notNull().default(0),
    createdBy: text("created_by"),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull().defaultNow(),
    deletedAt: instant("deleted_at"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    uniqueIndex("deployments_name").on(t.workspaceId, t.name).where(sql`deleted_at is null`),
    index("deployments_model").on(t.workspaceId, t.modelId),
    foreignKey({
      columns: [t.workspaceId, t.modelId],
      foreignColumns: [models.workspaceId, models.id],
    }),
    tenantPolicy(),
  ],
);

/** A version inside a deployment. Weights of the active ones add up to 100. */
export const deploymentVariants = pgTable(
  "deployment_variants",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    deploymentId: uuid("deployment_id").notNull(),
    versionId: uuid("version_id").notNull(),
    name: text("name").notNull(),
    /** stable, candidate or shadow; a shadow answers nobody and has weight 0. */
    role: text("role").notNull().default("stable"),
    /** Percent of the deployment's traffic, 0 to 100. */
    weight: integer("weight").notNull(),
    /** Percent of the deployment's replicas that hold it while a roll-out moves them; null for all. */
    replicaShare: integer("replica_share"),
    /** Batching of this variant; null takes the deployment's. */
    batching: jsonb("batching"),
    /** loading, active, retired, failed */
    status: text("status").notNull(),
    createdAt: createdAt(),
    activatedAt: instant("activated_at"),
    retiredAt: instant("retired_at"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index("deployment_variants_deployment").on(t.workspaceId, t.deploymentId),
    foreignKey({
      columns: [t.workspaceId, t.deploymentId],
      foreignColumns: [deployments.workspaceId, deployments.id],
    }).onDelete("cascade"),
    foreignKey({
      columns: [t.workspaceId, t.versionId],
      foreignColumns: [modelVersions.workspaceId, modelVersions.id],
    }),
    tenantPolicy(),
  ],
);

/** The timeline: what changed, who did it, why. */
export const deploymentEvents = pgTable(
  "deployment_events",
  {
    workspaceId: workspaceId(),
    id: uuid("id").notNull(),
    deploymentId: uuid("deployment_id").notNull(),
    /** server/deployments/constants.ts: DEPLOYMENT_EVENT_KINDS. */
    kind: text("kind").notNull(),
    versionId: uuid("version_id"),
    actor: jsonb("actor").notNull(),
    message: text("message").notNull().default(""),
    /** Why, in the words of who did it. */
    comment: text("comment"),
    /** What was measured before and after it; null until then, and where traffic did not change. */
    effect: jsonb("effect"),
    at: instant("at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index("deployment_events_deployment").on(t.workspaceId, t.deploymentId, t.at),
    foreignKey({
      columns: [t.workspaceId, t.deploymentId],
      foreignColumns: [deployments.workspaceId, deployments.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);
