import { z } from "zod";
import { PERMISSIONS, ROLES } from "./constants";

const role = z.enum(ROLES);
const personName = z.string().trim().min(1).max(200);

export const sessionDto = z.object({
  user: z.object({ id: z.uuid(), name: z.string(), email: z.string().nullable() }),
  workspaces: z.array(
    z.object({ id: z.uuid(), slug: z.string(), name: z.string(), role: z.string() }),
  ),
});

export const meDto = z.object({
  actor: z.object({ type: z.string(), name: z.string(), role: role.nullable() }),
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
  expiresInDays: z.number().int().min(1).max(3650).nullable().default(90),
});

export const apiKeyDto = z.object({
  id: z.uuid(),
  /** The visible beginning, mdy_<id>. */
  prefix: z.string(),
  name: z.string(),
  role,
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
  lastUsedAt: z.string().nullable(),
});

/** `key` is shown once and never again. */
export const newApiKeyDto = apiKeyDto.extend({ key: z.string() });
export const apiKeyInput = z.strictObject({ id: z.uuid() });
