export { newApiKey } from "./api-key-format";
export { archiveWorkspace } from "./archive-workspace";
export {
  type Authenticate,
  apiKeyOf,
  createAuthenticate,
  refuseForeignOrigin,
} from "./authenticate";
export { changeRole } from "./change-role";
export { type Permission, ROLES, type Role, roleAllows, rolesWith } from "./constants";
export { createApiKey } from "./create-api-key";
export { createGrant } from "./create-grant";
export { createOidcProvider } from "./create-oidc-provider";
export { createRole } from "./create-role";
export { createWorkspace } from "./create-workspace";
export { deleteGrant } from "./delete-grant";
export { deleteOidcProvider } from "./delete-oidc-provider";
export { deleteRole } from "./delete-role";
export { endMembership } from "./end-membership";
export { exchangeToken } from "./exchange-token";
export { type ExternalIssuer, ExternalTokens } from "./external-tokens";
export { getMe } from "./get-me";
export { inviteMember } from "./invite-member";
export { listApiKeys } from "./list-api-keys";
export { listGrants } from "./list-grants";
export { listInvitations } from "./list-invitations";
export { listMembers } from "./list-members";
export { listOidcProviders } from "./list-oidc-providers";
export { listRoles } from "./list-roles";
export { listSignInProviders } from "./list-sign-in-providers";
export type { Principal } from "./principal";
export {
  getQuotas,
  limitStorage,
  type Quotas,
  requireModelQuota,
  requireStorageQuota,
  trainingQuota,
} from "./quotas";
export { removeMember } from "./remove-member";
export { type GrantSubject, requireGrant } from "./require-grant";
export { actorAllows, requirePermission, requireRunInScope } from "./require-permission";
export { CredentialResolver } from "./resolve-credentials";
export { listArchivedWorkspaces, restoreWorkspace } from "./restore-workspace";
export { revokeApiKey } from "./revoke-api-key";
export { revokeInvitation } from "./revoke-invitation";
export { rotateApiKey } from "./rotate-api-key";
export { getUsage, setQuotas } from "./set-quotas";
export { ShortTokens } from "./short-tokens";
export { testOidcProvider } from "./test-oidc-provider";
export { updateOidcProvider } from "./update-oidc-provider";
export { updateRole } from "./update-role";
export { updateWorkspace } from "./update-workspace";
