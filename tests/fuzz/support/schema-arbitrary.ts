import fc from "fast-check";
import { z } from "zod";

/** The part of JSON Schema that zod writes. */
export interface JsonSchema {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  propertyNames?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
}

export const jsonSchemaOf = (schema: z.ZodType | undefined): JsonSchema =>
  schema
    ? (z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema)
    : { type: "object", properties: {} };

/** Takes the place of what a schema says for a property of that name: ids of things that exist. */
export type Known = (property: string) => fc.Arbitrary<unknown> | undefined;

const FORMATS: Record<string, () => fc.Arbitrary<unknown>> = {
  uuid: () => fc.uuid(),
  email: () => fc.emailAddress(),
  uri: () => fc.webUrl(),
  "date-time": () => fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
};

/** Values a schema accepts, or nearly: refinements that JSON Schema cannot say are not known here. */
export function arbitraryOf(
  schema: JsonSchema,
  known: Known = () => undefined,
  defs = schema.$defs,
): fc.Arbitrary<unknown> {
  const of = (one: JsonSchema): fc.Arbitrary<unknown> => arbitraryOf(one, known, defs);
  if (schema.$ref) {
    const target = defs?.[schema.$ref.split("/").at(-1) ?? ""];
    return target && target !== schema ? fc.constant({}).chain(() => of(target)) : fc.jsonValue();
  }
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return fc.oneof(...options.map(of));
  if (schema.allOf?.[0]) return of(schema.allOf[0]);
  return ofType(schema, of, known);
}

function ofType(
  schema: JsonSchema,
  of: (one: JsonSchema) => fc.Arbitrary<unknown>,
  known: Known,
): fc.Arbitrary<unknown> {
  const { minimum = -1e6, maximum = 1e6 } = schema;
  switch (schema.type) {
    case "string":
      return textOf(schema);
    case "integer":
      return fc.integer({ min: Math.max(minimum, -1e9), max: Math.min(maximum, 1e9) });
    case "number":
      return fc.double({ min: Math.max(minimum, -1e12), max: maximum, noNaN: true });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array":
      return fc.array(of(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 4, (schema.minItems ?? 0) + 4),
      });
    case "object":
      return objectOf(schema, of, known);
    default:
      return fc.jsonValue({ maxDepth: 3 });
  }
}

function textOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  const format = schema.format ? FORMATS[schema.format] : undefined;
  if (format) return format();
  if (schema.pattern) {
    const flags = schema.pattern.includes("\\p{") ? "u" : "";
    try {
      return fc.stringMatching(new RegExp(schema.pattern, flags), { size: "small" });
    } catch {
      // fast-check reads no Unicode classes; plain names are inside of ours.
      return fc.stringMatching(/^[A-Za-z][A-Za-z0-9._-]{0,20}$/);
    }
  }
  const min = schema.minLength ?? 0;
  return fc.string({
    minLength: min,
    maxLength: Math.min(schema.maxLength ?? 40, min + 40),
    unit: "grapheme",
  });
}

function objectOf(
  schema: JsonSchema,
  of: (one: JsonSchema) => fc.Arbitrary<unknown>,
  known: Known,
): fc.Arbitrary<unknown> {
  const properties = Object.entries(schema.properties ?? {});
  if (properties.length === 0 && typeof schema.additionalProperties === "object") {
    const key = schema.propertyNames ? of(schema.propertyNames) : fc.string({ maxLength: 20 });
    return fc.dictionary(key as fc.Arbitrary<string>, of(schema.additionalProperties), {
      maxKeys: 4,
    });
  }
  const record = Object.fromEntries(
    properties.map(([name, one]) => {
      const given = known(name);
      return [name, given ? fc.oneof({ weight: 4, arbitrary: given }, of(one)) : of(one)];
    }),
  );
  return fc.record(record, { requiredKeys: schema.required ?? [] });
}

/** Text that has broken servers before. */
export const NASTY_TEXT = [
  "",
  " ",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\ufeff",
  "\u202e",
  "é".normalize("NFD"),
  "'; drop table models; --",
  '" or 1=1',
  "%",
  "_",
  "\\",
  "$(id)",
  "`id`",
  "{{7*7}}",
  ["$", "{7*7}"].join(""),
  "<script>alert(1)</script>",
  "../../etc/passwd",
  "%2e%2e%2f",
  "\r\nx-injected: 1",
  "null",
  "undefined",
  "NaN",
  "-1",
  "1e999",
  "9".repeat(400),
  "x".repeat(20_000),
  "__proto__",
  "constructor",
  "toString",
  "00000000-0000-0000-0000-000000000000",
  "2026-13-45T99:99:99Z",
  "-infinity",
  "infinity",
  "epoch",
];

export const nastyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...NASTY_TEXT),
  fc.constantFrom<unknown[]>(
    null,
    true,
    0,
    -0,
    -1,
    2 ** 31,
    2 ** 53,
    -(2 ** 63),
    1e308,
    5e-324,
    0.1,
    [],
    {},
    [[]],
    [null],
    { length: -1 },
    JSON.parse('{"then":1}'),
    JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  ),
  fc.jsonValue({ maxDepth: 4 }),
  fc.nat({ max: 400 }).map((depth) => {
    let value: unknown = 1;
    for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { a: value };
    return value;
  }),
);

type Step = {
  pick: number;
  how: "replace" | "remove" | "add" | "wrap";
  value: unknown;
  key: string;
};

const step: fc.Arbitrary<Step> = fc.record({
  pick: fc.nat({ max: 1000 }),
  how: fc.constantFrom("replace" as const, "remove" as const, "add" as const, "wrap" as const),
  value: nastyValue,
  key: fc.constantFrom(
    "extra",
    "id",
    "workspaceId",
    "role",
    "createdBy",
    ...NASTY_TEXT.slice(0, 9),
  ),
});

/** A value with one thing about it changed somewhere inside. */
export const mutationOf = (valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.tuple(valid, step).map(([value, one]) => mutate(value, one));

function mutate(value: unknown, one: Step): unknown {
  if (typeof value !== "object" || value === null) return one.value;
  const copy = structuredClone(value) as Record<string, unknown>;
  const keys = Object.keys(copy);
  const key = keys[one.pick % (keys.length || 1)];
  if (one.how === "add" || key === undefined) {
    copy[one.key] = one.value;
    return copy;
  }
  const inner = copy[key];
  if (typeof inner === "object" && inner !== null && one.pick % 3 !== 0) {
    copy[key] = mutate(inner, { ...one, pick: Math.floor(one.pick / 3) });
  } else if (one.how === "remove") delete copy[key];
  else copy[key] = one.how === "wrap" ? [inner] : one.value;
  return copy;
}
