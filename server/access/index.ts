export { newApiKey } from "./api-key-format";
export {
  type Authenticate,
  apiKeyOf,
  createAuthenticate,
  refuseForeignOrigin,
} from "./authenticate";
export { changeRole } from "./change-role";
export { type Permission, ROLES, type Role, roleAllows, rolesWith } from "./constants";
export { createApiKey } from "./create-api-key";
export { getMe } from "./get-me";
export { inviteMember } from "./invite-member";
export { listApiKeys } from "./list-api-keys";
export { listInvitations } from "./list-invitations";
export { listMembers } from "./list-members";
export { removeMember } from "./remove-member";
export { actorAllows, requirePermission, requireRunInScope } from "./require-permission";
export { CredentialResolver, type Principal } from "./resolve-credentials";
export { revokeApiKey } from "./revoke-api-key";
export { revokeInvitation } from "./revoke-invitation";
