import type { IncomingMessage } from "node:http";
import type { Context as HonoContext } from "hono";
import type { z } from "zod";
import type { Permission } from "@/server/access/constants";
import type { Context } from "@/server/kernel/context";

type Method = "get" | "post" | "put" | "patch" | "delete";
type Shape = z.ZodObject | undefined;
type Out<T> = T extends z.ZodType ? z.output<T> : undefined;

/** What a handler gets: parsed input and, for streams, the raw request. */
export interface RouteInput<P extends Shape, Q extends Shape, B extends z.ZodType | undefined> {
  ctx: Context;
  params: Out<P>;
  query: Out<Q>;
  body: Out<B>;
  /** The Hono context, for headers and streaming. */
  http: HonoContext;
  /** The Node request, for bodies that are read as a stream. */
  incoming: IncomingMessage;
}

/**
 * One route, written once: it drives validation, the handler's type and public/openapi.json.
 * `path` uses {braces}, {braces+} for the rest of a path with its slashes, relative to /api/v1. `permission` null means no credentials are needed.
 * A handler may answer a `Response` itself (streams, downloads); else the value is parsed by `reply`.
 */
export interface RouteContract<
  P extends Shape = Shape,
  Q extends Shape = Shape,
  B extends z.ZodType | undefined = z.ZodType | undefined,
  R extends z.ZodType | undefined = z.ZodType | undefined,
> {
  method: Method;
  path: string;
  operationId: string;
  summary: string;
  description?: string;
  tag: string;
  permission: Permission | null;
  /** What a route without a permission asks for instead, before it reads anything. Throws unauthenticated. */
  admit?: (ctx: Context, http: HonoContext) => void;
  params?: P;
  query?: Q;
  /** JSON body. */
  body?: B;
  /** For the document only: a body the handler reads as a stream, by content type. */
  streamBody?: { contentType: string; schema: z.ZodType };
  /** Largest JSON body, bytes; 1 MiB when absent. */
  bodyLimitBytes?: number;
  /** How long the answer may take, milliseconds; 30 s when absent, 10 min for a body read as a stream. */
  deadlineMs?: number;
  /** A POST that makes something can be repeated under an Idempotency-Key; true for 201 and 202. */
  creates?: boolean;
  status: 200 | 201 | 202 | 204;
  reply?: R;
  /** For the document: a reply that is no JSON. */
  replyContentType?: string;
  handler: (
    input: RouteInput<P, Q, B>,
  ) => Promise<(R extends z.ZodType ? z.input<R> : unknown) | Response>;
}

/** A contract whose own types are folded away, as lists of routes hold it. */
export type AnyRoute = Omit<RouteContract, "handler"> & {
  handler: (input: never) => Promise<unknown>;
};

export function defineRoute<
  P extends Shape = undefined,
  Q extends Shape = undefined,
  B extends z.ZodType | undefined = undefined,
  R extends z.ZodType | undefined = undefined,
>(contract: RouteContract<P, Q, B, R>): AnyRoute {
  return contract as AnyRoute;
}

/** Whether a call may carry an Idempotency-Key. */
export const createsSomething = (route: AnyRoute): boolean =>
  route.creates ?? (route.method === "post" && (route.status === 201 || route.status === 202));
