import { listAudit } from "@/server/audit";
import { listAuditInput } from "@/server/audit/schemas";
import { procedure, publicProcedure, router } from "@/server/trpc/init";
import * as verbs from "./index";
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
});
