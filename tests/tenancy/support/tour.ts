import fc from "fast-check";
import type { z } from "zod";
import { mlflowPaths } from "@/server/protocols/mlflow/app";
import { mlflowRoutes } from "@/server/protocols/mlflow/routes";
import { restRoutes } from "@/server/protocols/rest/routes";
import { appRouter } from "@/server/trpc/root";
import { arbitraryOf, jsonSchemaOf, type Known } from "../../fuzz/support/schema-arbitrary";
import { randomThings, type Things, valuesFor } from "./populated";
import { listRoutes } from "./routes";
import { fillPath } from "./send-route";

/** A call in which ids are tokens still: whose they are is said when it is sent. */
export interface TourStop {
  name: string;
  method: string;
  path: string;
  body: string | undefined;
}

/** A word that no generated text holds and that every encoding leaves alone. */
const token = (name: string): string => `zz${name}zz`;
const NAMES = Object.keys(randomThings()) as (keyof Things)[];
const TOKENS = Object.fromEntries(NAMES.map((name) => [name, token(name)])) as unknown as Things;

/** The call's text with the ids of `things`; MLflow writes ids without dashes, which it may. */
export function withIds(text: string, things: Things): string {
  return NAMES.reduce((done, name) => done.replaceAll(token(name), things[name]), text);
}

/** Back to tokens, so that answers about different ids can be compared. */
export function withoutIds(text: string, things: Things): string {
  const forms = NAMES.flatMap((name): [string, string][] => {
    const value = things[name];
    const forms = [value, encodeURIComponent(value), value.replaceAll("-", "")];
    return [...new Set(forms)].map((form) => [form, token(name)]);
  }).filter(([form]) => form.length > 3);
  const isLong = ([form]: [string, string]) => form.length > 20;
  const replaced = (done: string, [form, name]: [string, string]) => done.replaceAll(form, name);
  const sorted = forms.toSorted(([x], [y]) => y.length - x.length);
  // A short number may stand inside an id, so what is left of ids goes first.
  const long = sorted
    .filter(isLong)
    .reduce(replaced, text)
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/gi, "<uuid>")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>");
  return sorted.filter((one) => !isLong(one)).reduce(replaced, long);
}

const known =
  (context: string): Known =>
  (property) => {
    const values = valuesFor(property, TOKENS, context);
    return values.length > 0 ? fc.constantFrom(...values) : undefined;
  };

const sampled = (schema: z.ZodType | undefined, context: string, count: number): unknown[] =>
  fc.sample(arbitraryOf(jsonSchemaOf(schema), known(context)), { numRuns: count, seed: 7 });

function search(query: unknown): string {
  const pairs = Object.entries((query ?? {}) as object).filter(([, value]) => value !== undefined);
  const texts = pairs.map(([name, value]) => [name, String(value).toWellFormed()]);
  return texts.length > 0 ? `?${new URLSearchParams(texts)}` : "";
}

/** Several valid-looking inputs of every REST operation. */
function restStops(count: number): TourStop[] {
  return restRoutes.flatMap((route) => {
    const context = `${route.path} ${route.operationId}`;
    const queries = sampled(route.query, context, count);
    const bodies = sampled(route.body, context, count);
    const listed = { path: `/api/v1${route.path.replaceAll("+}", "}")}`, name: route.operationId };
    return queries.map((query, at) => ({
      name: `REST ${route.operationId}`,
      method: route.method.toUpperCase(),
      path: fillPath(listed, TOKENS) + search(query),
      body: route.method === "get" ? undefined : JSON.stringify(bodies[at] ?? {}),
    }));
  });
}

interface Procedure {
  _def: { type: string; inputs?: z.ZodType[] };
}

function trpcStops(count: number): TourStop[] {
  const procedures = appRouter._def.procedures as unknown as Record<string, Procedure>;
  return Object.entries(procedures).flatMap(([name, { _def }]) => {
    if (_def.type === "subscription") return [];
    return sampled(_def.inputs?.[0], name, count).map((input) => {
      const text = JSON.stringify(input ?? {});
      const isWrite = _def.type === "mutation";
      return {
        name: `tRPC ${name}`,
        method: isWrite ? "POST" : "GET",
        path: `/api/trpc/${name}${isWrite ? "" : `?input=${encodeURIComponent(text.toWellFormed())}`}`,
        body: isWrite ? text : undefined,
      };
    });
  });
}

const PLAIN: Record<string, unknown> = {
  key: "loss",
  value: "1",
  timestamp: 1,
  step: 0,
  name: "x",
  new_name: "y",
  metrics: [{ key: "loss", value: 1, timestamp: 1, step: 0 }],
  tags: [{ key: "k", value: "v" }],
  params: [],
  metric_key: "loss",
  status: "FINISHED",
};

function mlflowStops(): TourStop[] {
  return mlflowRoutes.flatMap((route) =>
    route.methods.map((method) => {
      const message = Object.fromEntries(
        Object.entries(route.fields).flatMap(([name, field]) => {
          const [value] = valuesFor(name, TOKENS, route.path);
          if (value !== undefined) return [[name, field.repeated ? [value] : value]];
          return name in PLAIN ? [[name, PLAIN[name]]] : [];
        }),
      );
      const path = (mlflowPaths(route)[0] ?? "").replaceAll(/:(\w+)/g, "{$1}");
      const args = method === "GET" ? search(message) : "";
      return {
        name: `MLflow ${method} ${route.path}`,
        method,
        path: fillPath({ path, name: route.path }, TOKENS) + args,
        body: method === "GET" ? undefined : JSON.stringify(message),
      };
    }),
  );
}

/** Paths alone: the lane and the proxied files. */
const bareStops = (): TourStop[] =>
  listRoutes()
    .filter(({ adapter, path }) => adapter === "Open Inference" || path.includes("{rest}"))
    .map((route) => ({
      name: `${route.adapter} ${route.name}`,
      method: route.method,
      path: fillPath(route, TOKENS),
      body: route.method === "GET" || route.method === "DELETE" ? undefined : "{}",
    }));

/** Every call of a tour that names something; `count` inputs of each operation. */
export const tour = (count: number): TourStop[] =>
  [...restStops(count), ...trpcStops(count), ...mlflowStops(), ...bareStops()].filter((stop) =>
    /zz[a-zA-Z]+zz/.test(stop.path + (stop.body ?? "")),
  );
