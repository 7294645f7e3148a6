import type { Context as HonoContext } from "hono";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import type { HttpBindings } from "@/server/protocols/rest/mount-routes";
import { inKnownWords } from "../common-fields";
import type { AnyMlflowRoute } from "../contract";
import { missingParameter, toMlflowError } from "../errors";
import { anyObject, parseMessage, str } from "../fields";
import { readJsonBody } from "../read-request";
import { answerQuery } from "./answer-query";
import { ROOTS } from "./types";

type Answer = (http: HonoContext<HttpBindings>, ctx: Context) => Promise<Response>;

const FIELDS = { query: str, variables: anyObject, operationName: str };

/**
 * Answers a GraphQL query out of the routes of the protocol, each with its own permission. An error of
 * one field stands among `errors`; a query that cannot be read is INVALID_PARAMETER_VALUE.
 */
export function serveGraphql(routes: AnyMlflowRoute[]): Answer {
  return async (http, ctx) => {
    const args = http.req.method === "GET" ? http.req.query() : await readJsonBody(http);
    const body = parseMessage(FIELDS, args);
    if (!body.query) throw missingParameter("query");
    const call = async (root: string, message: Record<string, unknown>) => {
      const route = routes.find(
        ({ methods, path }) =>
          path === ROOTS[root]?.path && methods.some((one) => one === ROOTS[root]?.method),
      );
      if (!route) throw missingParameter(root);
      requirePermission(ctx, route.permission);
      const parsed = parseMessage(route.fields, message);
      try {
        const reply = await route.handler({ ctx, body: parsed, http } as never);
        return (reply instanceof Response ? await reply.json() : reply) as Record<string, unknown>;
      } catch (error) {
        throw inKnownWords(error, parsed);
      }
    };
    const requestId = ctx.requestId;
    const asked = {
      query: body.query,
      variables: body.variables ?? {},
      operationName: body.operationName || undefined,
    };
    return http.json(
      await answerQuery(asked, call, (error) => toMlflowError(error, requestId).message),
    );
  };
}
