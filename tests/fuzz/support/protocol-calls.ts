import fc from "fast-check";
import type { z } from "zod";
import { mlflowPaths } from "@/server/protocols/mlflow/app";
import { mlflowRoutes } from "@/server/protocols/mlflow/routes";
import { appRouter } from "@/server/trpc/root";
import { type Things, valuesFor } from "../../tenancy/support/populated";
import { type ListedRoute, listRoutes } from "../../tenancy/support/routes";
import { arbitraryOf, jsonSchemaOf, mutationOf, NASTY_TEXT, nastyValue } from "./schema-arbitrary";

/** A request as it goes out; the path holds its query. */
export interface ProtocolCall {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | Uint8Array | undefined;
}

export interface FuzzedRoute {
  name: string;
  calls: fc.Arbitrary<ProtocolCall>;
}

const JSON_TYPE = { "content-type": "application/json" };
const known = (property: string, things: Things, context: string) => {
  const values = valuesFor(property, things, context);
  return values.length > 0 ? fc.constantFrom(...values) : undefined;
};
const asText = (value: unknown): string =>
  (typeof value === "string" ? value : (JSON.stringify(value) ?? "")).toWellFormed().slice(0, 3000);
const brokenBody = fc.constantFrom("", "null", "[]", "1", '"x"', "{", '{"a":}', "[".repeat(5000));

interface Procedure {
  _def: { type: string; inputs?: z.ZodType[] };
}

/** Every query and mutation, with inputs of its schema, nearly of it, and of no schema at all. */
export function trpcRoutes(things: Things): FuzzedRoute[] {
  const procedures = appRouter._def.procedures as unknown as Record<string, Procedure>;
  return Object.entries(procedures).flatMap(([name, { _def }]) => {
    if (_def.type === "subscription") return [];
    const schema = jsonSchemaOf(_def.inputs?.[0]);
    const valid = arbitraryOf(schema, (property) => known(property, things, name));
    const input = fc.oneof(
      { weight: 4, arbitrary: valid.map((value) => JSON.stringify(value)) },
      { weight: 5, arbitrary: mutationOf(valid).map((value) => JSON.stringify(value)) },
      { weight: 1, arbitrary: brokenBody },
    );
    const calls = fc
      .tuple(input, fc.constantFrom("", "", "", "?batch=1"))
      .map(([one = "null", batch]): ProtocolCall => {
        const text = batch ? `{"0":${one}}` : one;
        return _def.type === "mutation"
          ? { method: "POST", path: `/api/trpc/${name}${batch}`, headers: JSON_TYPE, body: text }
          : {
              method: "GET",
              path: `/api/trpc/${name}${batch || "?"}&input=${encodeURIComponent(asText(text))}`,
              headers: {},
              body: undefined,
            };
      });
    return [{ name: `tRPC ${name}`, calls }];
  });
}

/** Values that fields of MLflow's messages often hold, so that calls get past the first check. */
const PLAUSIBLE: Record<string, unknown[]> = {
  key: ["loss", "a/b", ""],
  value: ["1", 0.5, "NaN", "Infinity", -1e308],
  timestamp: [1, "1700000000000", 2 ** 53, -1],
  step: [0, "9223372036854775807", -5],
  name: ["x", "study", "new name"],
  metrics: [[{ key: "loss", value: 1, timestamp: 1, step: 0 }], [{ key: "loss", value: "NaN" }]],
  params: [[{ key: "p", value: "v" }], [{}]],
  tags: [[{ key: "k", value: "v" }], [{ key: "mlflow.note.content", value: "n" }]],
  filter: ["metrics.loss < 1", "tags.`k` = 'v' and params.p ILIKE '%'", "x", "((("],
  filter_string: ["name = 'x'", "metrics.loss >= 0", "'"],
  order_by: [["metrics.loss DESC"], ["start_time ASC", "x"], [{ field_name: "name" }]],
  max_results: [1, 1000, 0, -1, "5", 1e9],
  page_token: ["", "x", "eyJ9", "AAAA"],
  metric_key: ["loss"],
  status: ["FINISHED", 3, "RUNNING", "nothing"],
  view_type: ["ALL", "ACTIVE_ONLY", 2, "x"],
  run_view_type: ["ALL", 1],
};

/** Every message of every route, under its methods; proxied files beside them. */
export function mlflowFuzzed(things: Things): FuzzedRoute[] {
  const messages = mlflowRoutes.flatMap((route) =>
    route.methods.map((method): FuzzedRoute => {
      const fields = Object.keys(route.fields).map((name) => {
        const plausible = PLAUSIBLE[name] ? [fc.constantFrom(...PLAUSIBLE[name])] : [];
        const given = known(name, things, route.path);
        const good = [...(given ? [given] : []), ...plausible];
        const options = good.map((arbitrary) => ({ weight: 4, arbitrary }));
        return [
          name,
          fc.oneof(
            ...options,
            nastyValue,
            nastyValue.map((one) => [one]),
          ),
        ] as const;
      });
      const message = fc.record(Object.fromEntries(fields), { requiredKeys: [] });
      const segment = fc.oneof(
        { weight: 3, arbitrary: fc.constant(undefined) },
        fc.constantFrom(...NASTY_TEXT),
      );
      const calls = fc
        .tuple(message, segment, fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, brokenBody))
        .map(([value, strange, broken]): ProtocolCall => {
          const path = mlflowPath(mlflowPaths(route)[0] ?? "", things, strange);
          if (method === "GET") {
            return { method, path: path + asArguments(value), headers: {}, body: undefined };
          }
          return { method, path, headers: JSON_TYPE, body: broken ?? JSON.stringify(value) };
        });
      return { name: `MLflow ${method} ${route.path}`, calls };
    }),
  );
  return [...messages, ...bareRoutes("MLflow", things)];
}

const segmentOf = (value: string): string => {
  const encoded = encodeURIComponent(value.toWellFormed().slice(0, 3000)) || "x";
  return /^\.{1,2}$/.test(encoded) ? "%2e" : encoded;
};

const mlflowPath = (path: string, things: Things, strange: string | undefined): string =>
  path.replaceAll(/:(\w+)/g, (_, name: string) =>
    segmentOf(strange ?? valuesFor(name, things, path)[0] ?? "x"),
  );

function asArguments(message: object): string {
  const pairs = Object.entries(message).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((one) => one !== undefined)
      .slice(0, 5)
      .map((one): [string, string] => [name, asText(one).slice(0, 1000)]),
  );
  return `?${new URLSearchParams(pairs.slice(0, 12))}`;
}

const binaryHeaders = fc.constantFrom<Record<string, string>>(
  JSON_TYPE,
  JSON_TYPE,
  { "content-type": "application/octet-stream", "inference-header-content-length": "20" },
  { "inference-header-content-length": "-1" },
  { "inference-header-content-length": "99999999999999999999" },
  { "content-type": "multipart/form-data; boundary=" },
);

/** Tensors that are nearly right: shapes that overflow, negative and zero sizes, lies about bytes. */
const tensor = fc.record(
  {
    name: fc.constantFrom("numeric", "prediction", "", "__proto__", "a\nb"),
    datatype: fc.constantFrom("FP64", "FP32", "BYTES", "INT64", "UINT8", "BOOL", "FP16", "X"),
    shape: fc.oneof(
      fc.constantFrom([1, 2], [2], [0], [-1, 2], [2 ** 31, 2 ** 31], [1e308], [1.5], [], ["1"]),
      nastyValue,
    ),
    data: fc.oneof(fc.constantFrom([1, 2], [[1, 2]], [], ["x"], [null, {}]), nastyValue),
    parameters: fc.oneof(
      fc.constantFrom({ binary_data_size: 16 }, { binary_data_size: -1 }, { classification: 9e9 }),
      nastyValue,
    ),
  },
  { requiredKeys: ["name"] },
);
const inferText = fc
  .record(
    { inputs: fc.oneof(fc.array(tensor, { maxLength: 3 }), nastyValue), outputs: nastyValue },
    { requiredKeys: [] },
  )
  .map((value) => JSON.stringify(value));

/** Routes of which only the path, the headers and a body of bytes are known. */
export function bareRoutes(adapter: ListedRoute["adapter"], things: Things): FuzzedRoute[] {
  return listRoutes()
    .filter((route) => route.adapter === adapter)
    .filter(({ path }) => adapter !== "MLflow" || path.includes("mlflow-artifacts"))
    .map(({ name, method, path }) => ({
      name: `${adapter} ${name}`,
      calls: fc
        .record({
          strange: fc.oneof(
            { weight: 3, arbitrary: fc.constant(undefined) },
            fc.constantFrom(...NASTY_TEXT),
          ),
          body: fc.oneof(
            { weight: 4, arbitrary: inferText },
            brokenBody,
            fc.uint8Array({ maxLength: 200 }),
          ),
          headers: binaryHeaders,
          search: fc.constantFrom("", "?", "?path=../..", "?path=%00", "?max_results=x"),
        })
        .map(({ strange, body, headers, search }): ProtocolCall => {
          const filled = path.replaceAll(/\{(\w+)\}/g, (_, property: string) => {
            const value = strange ?? valuesFor(property, things, path)[0] ?? "x";
            return value.split("/").map(segmentOf).join("/");
          });
          const isRead = method === "GET" || method === "HEAD";
          return isRead
            ? { method, path: filled + search, headers: {}, body: undefined }
            : { method, path: filled, headers, body };
        }),
    }));
}
