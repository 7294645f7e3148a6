import fc from "fast-check";
import type { z } from "zod";
import type { AnyRoute } from "@/server/protocols/rest/contract";
import { type Things, valuesFor } from "../../tenancy/support/populated";
import { arbitraryOf, jsonSchemaOf, type Known, mutationOf, NASTY_TEXT } from "./schema-arbitrary";

export interface GeneratedCall {
  path: string;
  query: string;
  body: string | undefined;
  contentType: string | undefined;
}

/** Properties that hold ids of things that exist, most of the time. */
const knownOf =
  (route: AnyRoute, things: Things): Known =>
  (property) => {
    const values = valuesFor(property, things, `${route.path} ${route.operationId}`);
    return values.length > 0 ? fc.constantFrom(...values) : undefined;
  };

/** Valid calls of a route and calls with one thing wrong, from its own contract. */
export function callsOf(route: AnyRoute, things: Things): fc.Arbitrary<GeneratedCall> {
  const known = knownOf(route, things);
  return fc
    .record({
      params: inputOf(route.params, known),
      query: inputOf(route.query, known),
      body: route.body
        ? bodyOf(arbitraryOf(jsonSchemaOf(route.body), known))
        : fc.constantFrom(undefined, undefined, "{}", "[", '{"a":1}'),
      contentType: fc.oneof(
        { weight: 12, arbitrary: fc.constant("application/json") },
        fc.constantFrom("text/plain", "multipart/form-data", "application/json; charset=x", "x"),
      ),
    })
    .map(({ params, query, body, contentType }) => ({
      path: `/api/v1${fill(route.path, params)}`,
      query: search(query),
      body,
      contentType: body === undefined ? undefined : contentType,
    }));
}

const inputOf = (schema: z.ZodType | undefined, known: Known): fc.Arbitrary<unknown> => {
  const valid = arbitraryOf(jsonSchemaOf(schema), known);
  return fc.oneof({ weight: 3, arbitrary: valid }, mutationOf(valid));
};

const bodyOf = (valid: fc.Arbitrary<unknown>): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: valid.map((value) => JSON.stringify(value) ?? "null") },
    { weight: 5, arbitrary: mutationOf(valid).map((value) => JSON.stringify(value) ?? "null") },
    {
      weight: 1,
      arbitrary: fc.constantFrom("", "null", "[]", "1", '"x"', "{", '{"a":}', "[".repeat(5000)),
    },
  );

const text = (value: unknown): string =>
  (typeof value === "string" ? value : (JSON.stringify(value) ?? "")).toWellFormed();

function fill(path: string, params: unknown): string {
  const values = (params ?? {}) as Record<string, unknown>;
  return path.replaceAll(/\{(\w+)(\+)?\}/g, (_, name: string, rest?: string) => {
    // An empty segment would be another route.
    const value = text(values[name] ?? "x").slice(0, 3000) || "x";
    const encoded = rest
      ? value.split("/").map(encodeURIComponent).join("/")
      : encodeURIComponent(value);
    return encoded === "." || encoded === ".." ? "%2e" : encoded;
  });
}

function search(query: unknown): string {
  if (typeof query !== "object" || query === null) return "";
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((one) => one !== undefined)
      .map((one) => [name.toWellFormed(), text(one).slice(0, 2000)] as [string, string]),
  );
  return pairs.length > 0 ? `?${new URLSearchParams(pairs.slice(0, 20))}` : "";
}

/** Header values that a client may send and a server must survive. */
export const nastyHeader = fc.constantFrom(
  ...NASTY_TEXT.filter((one) => /^[\t\x20-\x7e]*$/.test(one) && one.length < 1000),
);
