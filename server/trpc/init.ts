import { initTRPC, TRPCError } from "@trpc/server";
import { ZodError } from "zod";
import { type Permission, requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { AppError, asAppError, ERRORS, type ErrorCode, toProblem } from "@/server/kernel/errors";
import type { ChangeHub } from "@/server/live/change-hub";

/** Made for each HTTP request; credentials are checked by the procedures that need them. */
export interface TrpcContext {
  requestId: string;
  authenticate: () => Promise<Context>;
  /** Who is signed in, without a workspace; null for nobody. */
  session: () => Promise<{ userId: string; name: string; email: string | null } | null>;
  services: {
    listUserWorkspaces: (userId: string) => Promise<UserWorkspace[]>;
    listSignInProviders: (workspace: string | null) => Promise<{ id: string; name: string }[]>;
  };
  changes: ChangeHub;
  /** Checks the credentials anew, from the database. Throws unauthenticated, not_found. */
  confirm: () => Promise<void>;
  onError: (error: unknown) => void;
}

export interface UserWorkspace {
  id: string;
  slug: string;
  name: string;
  role: string;
}

const t = initTRPC
  .context<TrpcContext>()
  .meta<{ permission: Permission }>()
  .create({
    errorFormatter({ shape, error, ctx }) {
      const cause = error.cause instanceof AppError ? error.cause : error;
      const problem =
        error.cause instanceof AppError || error.code === "INTERNAL_SERVER_ERROR"
          ? toProblem(cause, ctx?.requestId ?? "unknown")
          : { ...toProblem(cause, ctx?.requestId ?? "unknown"), detail: error.message };
      const { stack: _stack, ...data } = shape.data;
      return { ...shape, message: problem.detail, data: { ...data, problem } };
    },
  });

const CODE_OF = Object.fromEntries(
  Object.entries(ERRORS).map(([code, { trpc }]) => [code, trpc]),
) as { [C in ErrorCode]: (typeof ERRORS)[C]["trpc"] };

/** Maps our errors once, for every procedure. */
const withErrors = t.middleware(async ({ next, ctx }) => {
  const result = await next();
  if (result.ok) return result;
  const cause = result.error.cause;
  const known = asAppError(cause);
  if (known) {
    throw new TRPCError({ code: CODE_OF[known.code], message: known.message, cause: known });
  }
  if (cause instanceof ZodError) {
    const issues = cause.issues.slice(0, 20).map((issue) => ({
      path: issue.path.map(String).join("."),
      message: issue.message,
    }));
    const wrapped = new AppError("validation_failed", issues[0]?.message ?? "Not valid", {
      issues,
    });
    throw new TRPCError({
      code: CODE_OF.validation_failed,
      message: wrapped.message,
      cause: wrapped,
    });
  }
  if (result.error.code === "INTERNAL_SERVER_ERROR") ctx.onError(cause ?? result.error);
  return result;
});

export const router = t.router;
export const publicProcedure = t.procedure.use(withErrors);

/** A procedure inside a workspace. The permission is the verb's own, declared here for the matrix. */
export const procedure = (permission: Permission) =>
  t.procedure
    .meta({ permission })
    .use(withErrors)
    .use(async ({ ctx, next }) => {
      const context = await ctx.authenticate();
      requirePermission(context, permission);
      return next({ ctx: { ...ctx, context } });
    });
