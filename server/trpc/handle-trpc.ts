import { getTRPCErrorShape, TRPCError } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { listSignInProviders, refuseForeignOrigin } from "@/server/access";
import { hashToken, sessionTokenOf } from "@/server/access/session-token";
import { asAppError, ERRORS } from "@/server/kernel/errors";
import { moveNotes, readJsonBytes } from "@/server/limits";
import { PREDICT_BYTES_MAX } from "@/server/predictions/constants";
import type { Runtime } from "@/server/runtime";
import type { TrpcContext, UserWorkspace } from "./init";
import { appRouter } from "./root";

/** Largest body of a call or batch, bytes. */
const BODY_BYTES_MAX = 1024 * 1024;
/** A prediction may carry images; by itself alone, and from somebody known. */
const PREDICT_PATH = "/api/trpc/predictions.predict";

/** Answers one tRPC call or batch under /api/trpc. */
export async function handleTrpc(
  runtime: Runtime,
  request: Request,
  requestId: string,
): Promise<Response> {
  const early = createTrpcContext(runtime, request, requestId);
  const isLarge = isLargePrediction(request) && (await isKnown(early));
  let bounded: Request;
  try {
    bounded = await boundedRequest(request, isLarge ? PREDICT_BYTES_MAX : BODY_BYTES_MAX);
  } catch (error) {
    return refuseBody(error, early);
  }
  return fetchRequestHandler({
    endpoint: "/api/trpc",
    req: bounded,
    router: appRouter,
    // A query too long for an address comes as a POST.
    allowMethodOverride: true,
    createContext: () => (isLarge ? early : createTrpcContext(runtime, bounded, requestId)),
  });
}

const isLargePrediction = (request: Request): boolean =>
  Number(request.headers.get("content-length")) > BODY_BYTES_MAX &&
  new URL(request.url).pathname === PREDICT_PATH;

const isKnown = ({ authenticate }: TrpcContext): Promise<boolean> =>
  authenticate().then(
    () => true,
    () => false,
  );

/** The request with its body read, within the limits of JSON bodies. Throws payload_too_large, validation_failed. */
async function boundedRequest(request: Request, bytesMax: number): Promise<Request> {
  if (request.method !== "POST") return request;
  const body = await readJsonBytes(request, bytesMax);
  const { url, headers, method, signal } = request;
  return moveNotes(
    request,
    new Request(url, { method, headers, body: new Uint8Array(body), signal }),
  );
}

/** A body that was not read is refused in tRPC's own shape, once for a whole batch. */
function refuseBody(thrown: unknown, ctx: TrpcContext): Response {
  const cause = asAppError(thrown);
  if (!cause) throw thrown;
  const error = new TRPCError({ code: ERRORS[cause.code].trpc, message: cause.message, cause });
  const shape = getTRPCErrorShape({
    config: appRouter._def._config,
    error,
    type: "unknown",
    path: undefined,
    input: undefined,
    ctx,
  });
  const { status } = ERRORS[cause.code];
  // What is left of a refused body must not be read as the next request.
  const headers = status === 413 ? { connection: "close" } : undefined;
  return Response.json({ error: shape }, { status, ...(headers ? { headers } : {}) });
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
      refuseForeignOrigin(request, runtime.publicUrl);
      const { rows } = await runtime.db.pool.query<{
        user_id: string;
        name: string;
        email: string | null;
      }>("select user_id, name, email from lookup_session($1)", [hashToken(token)]);
      const row = rows[0];
      return row ? { userId: row.user_id, name: row.name, email: row.email } : null;
    },
    services: {
      listSignInProviders: (workspace) => listSignInProviders(runtime.db.pool, workspace),
      listUserWorkspaces: async (userId) =>
        (
          await runtime.db.pool.query<UserWorkspace>(
            "select id, slug, name, role from list_user_workspaces($1)",
            [userId],
          )
        ).rows,
    },
    changes: runtime.changes(),
    confirm: async () => {
      runtime.resolver.forget();
      await runtime.authenticate(request, requestId);
    },
    onError: (error) => runtime.log.error({ requestId, err: error }, "tRPC procedure failed"),
  };
}
