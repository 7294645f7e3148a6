import { listAudit, verifyAudit } from "@/server/audit";
import { listAuditInput } from "@/server/audit/schemas";
import { procedure, publicProcedure, router } from "@/server/trpc/init";
import * as verbs from "./index";
import * as dto from "./schemas";
import {
  apiKeyInput,
  changeRoleInput,
  createApiKeyInput,
  invitationInput,
  inviteMemberInput,
  memberInput,
} from "./schemas";

export const accessRouter = router({
  /** Who is signed in and where they belong; null for nobody. */
  session: publicProcedure.query(async ({ ctx }) => {
    const user = await ctx.session();
    if (!user) return null;
    return {
      user: { id: user.userId, name: user.name, email: user.email },
      workspaces: await ctx.services.listUserWorkspaces(user.userId),
    };
  }),
  me: procedure("workspace:read").query(({ ctx }) => verbs.getMe(ctx.context)),
  listMembers: procedure("members:read").query(({ ctx }) => verbs.listMembers(ctx.context)),
  inviteMember: procedure("members:write")
    .input(inviteMemberInput)
    .mutation(({ ctx, input }) => verbs.inviteMember(ctx.context, input)),
  changeRole: procedure("members:write")
    .input(changeRoleInput)
    .mutation(({ ctx, input }) => verbs.changeRole(ctx.context, input)),
  removeMember: procedure("members:write")
    .input(memberInput)
    .mutation(({ ctx, input }) => verbs.removeMember(ctx.context, input)),
  listInvitations: procedure("members:read").query(({ ctx }) => verbs.listInvitations(ctx.context)),
  revokeInvitation: procedure("members:write")
    .input(invitationInput)
    .mutation(({ ctx, input }) => verbs.revokeInvitation(ctx.context, input)),
  listApiKeys: procedure("api_keys:read").query(({ ctx }) => verbs.listApiKeys(ctx.context)),
  createApiKey: procedure("api_keys:write")
    .input(createApiKeyInput)
    .mutation(({ ctx, input }) => verbs.createApiKey(ctx.context, input)),
  revokeApiKey: procedure("api_keys:write")
    .input(apiKeyInput)
    .mutation(({ ctx, input }) => verbs.revokeApiKey(ctx.context, input)),
  listAudit: procedure("audit:read")
    .input(listAuditInput)
    .query(({ ctx, input }) => listAudit(ctx.context, input)),
  verifyAudit: procedure("audit:read").query(({ ctx }) => verifyAudit(ctx.context)),
  /** What a sign-in page offers; asked by anybody. */
  signInProviders: publicProcedure
    .input(dto.signInProvidersInput)
    .query(({ ctx, input }) => ctx.services.listSignInProviders(input.workspace)),
  rotateApiKey: procedure("api_keys:write")
    .input(dto.rotateApiKeyInput)
    .mutation(({ ctx, input }) => verbs.rotateApiKey(ctx.context, input)),
  listRoles: procedure("members:read").query(({ ctx }) => verbs.listRoles(ctx.context)),
  createRole: procedure("members:write")
    .input(dto.createRoleInput)
    .mutation(({ ctx, input }) => verbs.createRole(ctx.context, input)),
  updateRole: procedure("members:write")
    .input(dto.updateRoleInput)
    .mutation(({ ctx, input }) => verbs.updateRole(ctx.context, input)),
  deleteRole: procedure("members:write")
    .input(dto.roleInput)
    .mutation(({ ctx, input }) => verbs.deleteRole(ctx.context, input)),
  listGrants: procedure("members:read")
    .input(dto.listGrantsInput)
    .query(({ ctx, input }) => verbs.listGrants(ctx.context, input)),
  createGrant: procedure("members:write")
    .input(dto.createGrantInput)
    .mutation(({ ctx, input }) => verbs.createGrant(ctx.context, input)),
  deleteGrant: procedure("members:write")
    .input(dto.grantInput)
    .mutation(({ ctx, input }) => verbs.deleteGrant(ctx.context, input)),
  createWorkspace: procedure("workspace:write")
    .input(dto.createWorkspaceInput)
    .mutation(({ ctx, input }) => verbs.createWorkspace(ctx.context, input)),
  updateWorkspace: procedure("workspace:write")
    .input(dto.updateWorkspaceInput)
    .mutation(({ ctx, input }) => verbs.updateWorkspace(ctx.context, input)),
  archiveWorkspace: procedure("workspace:write").mutation(({ ctx }) =>
    verbs.archiveWorkspace(ctx.context),
  ),
  listArchivedWorkspaces: procedure("workspace:write").query(({ ctx }) =>
    verbs.listArchivedWorkspaces(ctx.context),
  ),
  restoreWorkspace: procedure("workspace:write")
    .input(dto.workspaceInput)
    .mutation(({ ctx, input }) => verbs.restoreWorkspace(ctx.context, input)),
  getUsage: procedure("workspace:read").query(({ ctx }) => verbs.getUsage(ctx.context)),
  setQuotas: procedure("workspace:write")
    .input(dto.setQuotasInput)
    .mutation(({ ctx, input }) => verbs.setQuotas(ctx.context, input)),
  listOidcProviders: procedure("workspace:write").query(({ ctx }) =>
    verbs.listOidcProviders(ctx.context),
  ),
  createOidcProvider: procedure("workspace:write")
    .input(dto.createOidcProviderInput)
    .mutation(({ ctx, input }) => verbs.createOidcProvider(ctx.context, input)),
  updateOidcProvider: procedure("workspace:write")
    .input(dto.updateOidcProviderInput)
    .mutation(({ ctx, input }) => verbs.updateOidcProvider(ctx.context, input)),
  deleteOidcProvider: procedure("workspace:write")
    .input(dto.oidcProviderInput)
    .mutation(({ ctx, input }) => verbs.deleteOidcProvider(ctx.context, input)),
  testOidcProvider: procedure("workspace:write")
    .input(dto.oidcProviderInput)
    .mutation(({ ctx, input }) => verbs.testOidcProvider(ctx.context, input)),
});
