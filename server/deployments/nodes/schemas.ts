import { z } from "zod";
import { nodeLabels } from "../settings/placement";
import { NODE_DEVICES, NODE_STATES } from "./constants";

const count = z.int().min(0).max(1_000_000_000);
const bytes = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

const nodeLoad = z.strictObject({
  /** Requests at work, and of these how many wait for their model. */
  inFlight: count,
  queued: count,
  models: count,
  /** Of model files in memory. */
  bytesUsed: bytes,
});

/** Scheme, host and port, without a path. */
const nodeUrl = z
  .string()
  .max(500)
  .refine((text) => URL.canParse(text) && /^https?:\/\/[^/?#@]+\/?$/.test(text), {
    message: "must be http:// or https:// with host and port alone",
  })
  .transform((text) => new URL(text).origin);

/** What a node says of itself every few seconds. */
export const announceInput = z.strictObject({
  url: nodeUrl.describe("Where gateways reach the node."),
  labels: nodeLabels.default({}),
  device: z.enum(NODE_DEVICES).default("cpu"),
  memoryBytes: bytes.min(1).describe("Of model files that fit into memory at once."),
  modelsMax: count.min(1),
  version: z.string().min(1).max(100).describe("Of its program and its protocol."),
  load: nodeLoad,
  leaving: z.boolean().default(false).describe("Its last word: it gets no more traffic."),
});
export type Announcement = z.input<typeof announceInput>;

export const announceReply = z.object({
  id: z.uuid(),
  draining: z.boolean(),
  /** How soon it should say so again. */
  heartbeatMs: z.int(),
});

export const artifactParams = z.object({
  workspace: z.uuid(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hex digits"),
});

export const nodeParams = z.object({ node: z.uuid() });

export const nodeDto = z.object({
  /** Null for a node that is set by its URL and has not registered. */
  id: z.uuid().nullable(),
  /** Host and port. */
  name: z.string(),
  url: z.string(),
  state: z.enum(NODE_STATES),
  labels: z.record(z.string(), z.string()),
  device: z.enum(NODE_DEVICES).nullable(),
  memoryBytes: z.number().nullable(),
  modelsMax: z.number().nullable(),
  version: z.string().nullable(),
  /** Of its last word; null while it is away or has said none. */
  load: nodeLoad.nullable(),
  registeredAt: z.string().nullable(),
  lastSeenAt: z.string().nullable(),
});
export type NodeDto = z.infer<typeof nodeDto>;

export const nodeList = z.object({
  items: z.array(nodeDto),
  nextCursor: z.null(),
  /** Whether the caller may drain and remove nodes. */
  canManage: z.boolean(),
});
export type NodeList = z.infer<typeof nodeList>;

export const nodeDetailDto = nodeDto.extend({
  canManage: z.boolean(),
  /** What it holds for this workspace; null while it cannot be asked. */
  models: z
    .array(
      z.object({
        modelId: z.uuid(),
        modelName: z.string(),
        versionId: z.uuid(),
        versionNumber: z.int(),
        deployments: z.array(z.object({ id: z.uuid(), name: z.string(), environment: z.string() })),
      }),
    )
    .nullable(),
  /** Models it holds for other workspaces. */
  otherModels: z.int(),
});
export type NodeDetailDto = z.infer<typeof nodeDetailDto>;
