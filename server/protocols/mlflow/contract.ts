import type { Context as HonoContext } from "hono";
import type { Permission } from "@/server/access/constants";
import type { Context } from "@/server/kernel/context";
import type { HttpBindings } from "@/server/protocols/rest/mount-routes";
import type { MlflowCode } from "./errors";
import type { Fields, Message } from "./fields";

type Method = "GET" | "POST" | "PATCH" | "DELETE";

export interface MlflowCall<F extends Fields> {
  ctx: Context;
  /** Body, or query arguments of a GET, with the placeholders of the path among them. */
  body: Message<F>;
  http: HonoContext<HttpBindings>;
}

/** One MLflow endpoint: its request message as a table of fields, its handler, its reply as JSON. */
export interface MlflowRoute<F extends Fields = Fields> {
  methods: Method[];
  /** Below /api/2.0/mlflow, with :placeholders. */
  path: string;
  /** The version of the API that has it; 2.0 when absent. */
  version?: "2.0" | "3.0";
  /** Also below /api/2.0mlflow: one path in the proto files lacks its slash, and clients copy it. */
  isSlashless?: boolean;
  /** Checked before the body is read; the verb checks it again. */
  permission: Permission;
  fields: F;
  /** Largest JSON body, bytes; 4 MiB when absent. */
  bodyLimitBytes?: number;
  /** What a conflict is called here; a wrong parameter when absent. */
  conflict?: MlflowCode;
  handler: (call: MlflowCall<F>) => Promise<object>;
}

/** A route whose own field types are folded away, as tables of routes hold it. */
export type AnyMlflowRoute = Omit<MlflowRoute, "handler"> & {
  handler: (call: never) => Promise<object>;
};

export function defineMlflowRoute<F extends Fields>(route: MlflowRoute<F>): AnyMlflowRoute {
  return route as unknown as AnyMlflowRoute;
}
