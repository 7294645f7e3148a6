import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { refuseForeignOrigin } from "@/server/access";
import { hashToken, sessionTokenOf } from "@/server/access/session-token";
import type { Runtime } from "@/server/runtime";
import type { TrpcContext, UserWorkspace } from "./init";
import { appRouter } from "./root";

/** Answers one tRPC call or batch under /api/trpc. */
export function handleTrpc(
  runtime: Runtime,
  request: Request,
  requestId: string,
): Promise<Response> {
  return fetchRequestHandler({
    endpoint: "/api/trpc",
    req: request,
    router: appRouter,
    createContext: () => createTrpcContext(runtime, request, requestId),
  });
}

function createTrpcContext(runtime: Runtime, request: Request, requestId: string): TrpcContext {
  const context: { made?: ReturnType<Runtime["authenticate"]> } = {};
  return {
    requestId,
    authenticate: () => {
      // A batch asks once.
      context.made ??= runtime.authenticate(request, requestId);
      return context.made;
    },
    session: async () => {
      const token = sessionTokenOf(request.headers.get("cookie"));
      if (!token) return null;
      refuseForeignOrigin(request);
      const { rows } = await runtime.db.pool.query<{
        user_id: string;
        name: string;
        email: string | null;
      }>("select user_id, name, email from lookup_session($1)", [hashToken(token)]);
      const row = rows[0];
      return row ? { userId: row.user_id, name: row.name, email: row.email } : null;
    },
    services: {
      listUserWorkspaces: async (userId) =>
        (
          await runtime.db.pool.query<UserWorkspace>(
            "select id, slug, name, role from list_user_workspaces($1)",
            [userId],
          )
        ).rows,
    },
    changes: runtime.changes(),
    onError: (error) => runtime.log.error({ requestId, err: error }, "tRPC procedure failed"),
  };
}
