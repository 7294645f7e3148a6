import { z } from "zod";
import {
  GRANT_ACTIONS,
  GRANT_ENVIRONMENTS,
  GRANTEE_TYPES,
  ID_TOKEN_ALGORITHMS,
  PERMISSIONS,
  ROLE_NAME,
} from "./constants";

/** A built-in role, or the name of a custom one; verbs look whether it exists. */
export const role = z.string().regex(ROLE_NAME, "must be the name of a role");
const permissions = z.array(z.enum(PERMISSIONS)).max(PERMISSIONS.length);
const personName = z.string().trim().min(1).max(200);

export const meDto = z.object({
  actor: z.object({ type: z.string(), name: z.string(), role: z.string().nullable() }),
  permissions: z.array(z.enum(PERMISSIONS)),
  workspace: z.object({ id: z.uuid(), slug: z.string(), name: z.string() }),
});

export const memberDto = z.object({
  userId: z.uuid(),
  name: z.string(),
  email: z.string().nullable(),
  role,
  createdAt: z.string(),
});

export const inviteMemberInput = z.strictObject({
  name: personName,
  email: z.email().max(320).nullable().default(null),
  role,
});

export const changeRoleInput = z.strictObject({ userId: z.uuid(), role });
export const memberInput = z.strictObject({ userId: z.uuid() });

export const invitationDto = z.object({
  id: z.uuid(),
  name: z.string(),
  email: z.string().nullable(),
  role,
  createdAt: z.string(),
  expiresAt: z.string(),
});

/** `path` is shown once; it is a path so that it fits whatever host people use. */
export const newInvitationDto = invitationDto.extend({ path: z.string() });
export const invitationInput = z.strictObject({ id: z.uuid() });

export const createApiKeyInput = z.strictObject({
  name: z.string().trim().min(1).max(200),
  role,
  /** The part of the role's permissions the key has; null for all of them. */
  scopes: permissions.min(1).nullable().default(null),
  expiresInDays: z.number().int().min(1).max(3650).nullable().default(90),
});

export const apiKeyDto = z.object({
  id: z.uuid(),
  /** The visible beginning, mdy_<id>. */
  prefix: z.string(),
  name: z.string(),
  role,
  scopes: z.array(z.string()).nullable(),
  /** Until when the secret before the last rotation works as well. */
  previousValidUntil: z.string().nullable(),
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
  lastUsedAt: z.string().nullable(),
});

/** `key` is shown once and never again. */
export const newApiKeyDto = apiKeyDto.extend({ key: z.string() });
export const apiKeyInput = z.strictObject({ id: z.uuid() });

export const rotateApiKeyInput = z.strictObject({
  id: z.uuid(),
  /** How long the old secret works beside the new one; 0 ends it at once. */
  overlapHours: z.number().min(0).max(168).default(24),
});

export const exchangeTokenInput = z.strictObject({
  scopes: permissions.min(1).nullable().default(null),
});
export const tokenDto = z.object({
  accessToken: z.string(),
  tokenType: z.literal("Bearer"),
  expiresIn: z.number().int(),
});

export const roleDto = z.object({
  name: z.string(),
  description: z.string(),
  permissions: z.array(z.string()),
  builtIn: z.boolean(),
});
const description = z.string().trim().max(500);
export const createRoleInput = z.strictObject({
  name: role,
  description: description.default(""),
  permissions,
});
export const updateRoleInput = z.strictObject({
  name: role,
  description: description.optional(),
  permissions: permissions.optional(),
});
export const roleInput = z.strictObject({ name: role });

export const createGrantInput = z
  .strictObject({
    modelId: z.uuid().nullable().default(null),
    environment: z.enum(GRANT_ENVIRONMENTS).nullable().default(null),
    action: z.enum(GRANT_ACTIONS),
    granteeType: z.enum(GRANTEE_TYPES),
    /** A user's id, a role's name or an API key's id. */
    grantee: z.string().trim().min(1).max(100),
  })
  .refine((one) => (one.modelId === null) !== (one.environment === null), {
    error: "Name a model or an environment, not both.",
  })
  .refine((one) => one.environment === null || one.action === "deploy", {
    error: "An environment is deployed to, not written.",
    path: ["action"],
  });
export const listGrantsInput = z.strictObject({
  modelId: z.uuid().optional(),
  environment: z.enum(GRANT_ENVIRONMENTS).optional(),
});
export const grantInput = z.strictObject({ id: z.uuid() });
export const grantDto = z.object({
  id: z.uuid(),
  modelId: z.uuid().nullable(),
  environment: z.string().nullable(),
  action: z.string(),
  granteeType: z.string(),
  grantee: z.string(),
  createdAt: z.string(),
});

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;
/** First segments of paths that are the product's own. */
const RESERVED_SLUGS = new Set(
  "api docs get-artifact health metrics openapi signin signout static version v1 v2 w".split(" "),
);
const workspaceName = z.string().trim().min(1).max(100);
export const createWorkspaceInput = z.strictObject({
  name: workspaceName,
  slug: z
    .string()
    .regex(SLUG, "must be lower-case letters, digits and inner hyphens, 40 at most")
    .refine((slug) => !RESERVED_SLUGS.has(slug), "is a word of the product's own"),
});
export const updateWorkspaceInput = z.strictObject({ name: workspaceName });
export const workspaceInput = z.strictObject({ slug: z.string().min(1).max(100) });
export const workspaceDto = z.object({
  id: z.uuid(),
  slug: z.string(),
  name: z.string(),
  archivedAt: z.string().nullable(),
});

const most = (max: number) => z.number().int().min(0).max(max).nullable();
/** null is no limit. */
export const quotasDto = z.object({
  modelsMax: most(1_000_000),
  storageBytesMax: most(Number.MAX_SAFE_INTEGER),
  concurrentTrainingMax: most(100_000),
  requestsPerSecondMax: most(1_000_000),
});
export const setQuotasInput = z.strictObject(quotasDto.partial().shape);
export const usageDto = z.object({
  quotas: quotasDto,
  usage: z.object({ models: z.number(), storageBytes: z.number(), runningTraining: z.number() }),
});

const groupRoles = z.array(z.strictObject({ group: z.string().min(1).max(200), role })).max(200);
const providerFields = {
  name: z.string().trim().min(1).max(100),
  /** Exactly as the provider writes it, without /.well-known/…. */
  issuer: z.url().max(500),
  clientId: z.string().trim().min(1).max(500),
  clientSecret: z.string().min(1).max(2000).nullable(),
  algorithm: z.enum(ID_TOKEN_ALGORITHMS),
  scopes: z
    .string()
    .regex(/^openid( [\w.:/-]+)*$/, "must begin with openid, words parted by a space")
    .max(500),
  groupClaim: z.string().trim().min(1).max(200),
  groupRoles,
  enabled: z.boolean(),
};
export const createOidcProviderInput = z.strictObject({
  ...providerFields,
  clientSecret: providerFields.clientSecret.default(null),
  algorithm: providerFields.algorithm.default("RS256"),
  scopes: providerFields.scopes.default("openid email profile"),
  groupClaim: providerFields.groupClaim.default("groups"),
  groupRoles: groupRoles.default([]),
  enabled: providerFields.enabled.default(true),
});
export const updateOidcProviderInput = z.strictObject({
  id: z.uuid(),
  ...z.strictObject(providerFields).partial().shape,
});
export const oidcProviderInput = z.strictObject({ id: z.uuid() });
export const oidcProviderDto = z.object({
  id: z.uuid(),
  name: z.string(),
  issuer: z.string(),
  clientId: z.string(),
  algorithm: z.enum(ID_TOKEN_ALGORITHMS),
  scopes: z.string(),
  groupClaim: z.string(),
  groupRoles: z.array(z.object({ group: z.string(), role: z.string() })),
  enabled: z.boolean(),
  /** Whether a secret is kept; the secret itself is never shown. */
  hasClientSecret: z.boolean(),
  /** What to register at the provider; a path, so that it fits whatever host people use. */
  callbackPath: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export const oidcTestDto = z.object({ ok: z.boolean(), message: z.string() });

export const signInProvidersInput = z.strictObject({
  workspace: z.string().min(1).max(100).nullable().default(null),
});
export const signInProviderDto = z.object({ id: z.uuid(), name: z.string() });
