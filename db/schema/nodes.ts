import {
  bigint,
  boolean,
  foreignKey,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy, workspaceId } from "../columns";
import { bytea } from "./access";
import { modelVersions } from "./registry";

/**
 * Inference nodes that registered, of the whole installation: reached only through lookups.sql. A
 * node writes its row again every few seconds for as long as it lives.
 */
export const inferenceNodes = pgTable("inference_nodes", {
  id: uuid("id").primaryKey(),
  /** Where gateways reach it; a node that comes back at its address is the same node. */
  url: text("url").notNull().unique(),
  labels: jsonb("labels").notNull(),
  /** cpu, cuda */
  device: text("device").notNull(),
  /** Of model files that fit into its memory at once. */
  memoryBytes: bigint("memory_bytes", { mode: "number" }).notNull(),
  modelsMax: integer("models_max").notNull(),
  /** Of the node's program and of the protocol it speaks, for people. */
  version: text("version").notNull(),
  /** { inFlight, queued, models, bytesUsed } of its last word. */
  load: jsonb("load").notNull(),
  /** Null: it takes models. */
  drainingSince: instant("draining_since"),
  registeredAt: instant("registered_at").notNull().defaultNow(),
  /** In the far past once it said that it ends. */
  seenAt: instant("seen_at").notNull().defaultNow(),
});

/** Versions that run on an Open Inference server elsewhere instead of an ONNX file. */
export const externalModels = pgTable(
  "external_models",
  {
    workspaceId: workspaceId(),
    versionId: uuid("version_id").notNull(),
    url: text("url").notNull(),
    remoteModel: text("remote_model").notNull(),
    /** Null: the server chooses. */
    remoteVersion: text("remote_version"),
    /** Whether the server takes binary tensors. */
    binaryTensors: boolean("binary_tensors").notNull(),
    /** { our name of an output: the server's } where they differ. */
    outputNames: jsonb("output_names").notNull(),
    /** none, bearer, basic, header */
    credential: text("credential").notNull(),
    headerName: text("header_name"),
    /** Sealed with a key of the installation; null where there is none. */
    secret: bytea("secret"),
    /** { ready, latencyMs, error } of the last check. */
    lastCheck: jsonb("last_check").notNull(),
    checkedAt: instant("checked_at").notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.versionId] }),
    foreignKey({
      columns: [t.workspaceId, t.versionId],
      foreignColumns: [modelVersions.workspaceId, modelVersions.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);
