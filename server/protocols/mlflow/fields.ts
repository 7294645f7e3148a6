import { exactInt } from "@/server/kernel/exact-int";
import { invalidParameter, missingParameter, wrongParameter } from "./errors";

/** One field of a request message, in the manner of MLflow's proto files. */
export interface Field<T> {
  /** `path` is how errors name the field. Throws MlflowError. */
  parse: (value: unknown, path: string) => T;
  /** For GET: a repeated argument is a list. */
  repeated?: boolean;
}
export type Fields = Record<string, Field<unknown>>;
export type Message<F extends Fields> = {
  [K in keyof F]: F[K] extends Field<infer T> ? T : never;
};

const absent = (value: unknown): value is null | undefined => value === undefined || value === null;

/** A field of one value: undefined when absent. */
function single<T>(convert: (value: unknown) => T | undefined): Field<T | undefined> {
  return {
    parse: (value, path) => {
      if (absent(value)) return undefined;
      const converted = convert(value);
      if (converted === undefined) throw wrongParameter(path, value);
      return converted;
    },
  };
}

export const str = single((value) => (typeof value === "string" ? value : undefined));

/** An id that older clients send as a number. */
export const id = single((value) =>
  typeof value === "string" ? value : Number.isSafeInteger(value) ? String(value) : undefined,
);

/** A whole number that a double holds exactly; proto JSON allows it as text. */
export const int64 = single((value) => {
  const text = typeof value === "string" && /^\s*[+-]?\d{1,19}\s*$/.test(value);
  const isNumber = typeof value === "number" || typeof value === "bigint";
  const number = isNumber || text ? Number(value) : Number.NaN;
  if (!Number.isInteger(number)) return undefined;
  if (!Number.isSafeInteger(number)) {
    throw invalidParameter(
      `The number ${String(value)} is beyond 2^53, more than is kept exactly.`,
    );
  }
  return number + 0;
});

/** A whole number of 64 bits, exact; the body is read so that large ones come as bigint. */
export const exactInt64 = single((value) => {
  if (Number.isSafeInteger(value)) return (value as number) + 0;
  const isText = typeof value === "string" && /^\s*[+-]?\d{1,19}\s*$/.test(value);
  if (typeof value === "bigint") return exactInt(value);
  return isText ? exactInt(value.trim().replace(/^\+/, "")) : undefined;
});

/** As a body holds it, or as a query argument writes it. */
export const bool = single((value) => {
  if (typeof value === "boolean") return value;
  return { true: true, false: false }[String(value).toLowerCase()];
});

const DOUBLE_WORDS: Record<string, number> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

export const double = single((value) => {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "string") return undefined;
  const word = DOUBLE_WORDS[value];
  if (word !== undefined) return word;
  const number = value.trim() === "" ? Number.NaN : Number(value);
  return Number.isNaN(number) ? undefined : number;
});

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An object that is taken as it is. */
export const anyObject = single((value) => (isObject(value) ? value : undefined));

/** A proto map of text to text. */
export const textMap = single((value) =>
  isObject(value) && Object.values(value).every((one) => typeof one === "string")
    ? (value as Record<string, string>)
    : undefined,
);

/** One of a set of names, or its number in the proto file. */
export const oneOf = <T extends string>(names: readonly T[], first = 1) =>
  single((value) => {
    if (typeof value === "number") return names[value - first];
    return names.find((name) => name === value);
  });

/** Absent, null and empty text are refused, in the stock server's words. */
export const required = <T>(field: Field<T | undefined>): Field<T> => ({
  ...field,
  parse: (value, path) => {
    const parsed = value === "" ? undefined : field.parse(value, path);
    if (parsed === undefined) throw missingParameter(path);
    return parsed;
  },
});

export const list = <T>(item: Field<T>): Field<Exclude<T, undefined>[]> => ({
  repeated: true,
  parse: (value, path) => {
    if (absent(value)) return [];
    if (!Array.isArray(value)) throw wrongParameter(path, value);
    return value.map((entry, at) => {
      const parsed = item.parse(entry, `${path}[${at}]`);
      if (parsed === undefined) throw wrongParameter(`${path}[${at}]`, entry);
      return parsed as Exclude<T, undefined>;
    });
  },
});

export const message = <F extends Fields>(fields: F): Field<Message<F> | undefined> => ({
  parse: (value, path) => {
    if (absent(value)) return undefined;
    if (typeof value !== "object" || Array.isArray(value)) throw wrongParameter(path, value);
    return parseMessage(fields, value as Record<string, unknown>, `${path}.`);
  },
});

/** Reads the known fields by their snake_case name, or the camelCase one of proto JSON; others are ignored. */
export function parseMessage<F extends Fields>(
  fields: F,
  value: Record<string, unknown>,
  prefix = "",
): Message<F> {
  const parsed: Record<string, unknown> = {};
  for (const { name, camelName, field } of listedFields(fields)) {
    parsed[name] = field.parse(value[name] ?? value[camelName], prefix + name);
  }
  return parsed as Message<F>;
}

interface ListedField {
  name: string;
  camelName: string;
  field: Field<unknown>;
}
const listings = new WeakMap<Fields, ListedField[]>();

/** The fields of a message as a list, made once: a batch parses a thousand messages of one kind. */
function listedFields(fields: Fields): ListedField[] {
  const known = listings.get(fields);
  if (known) return known;
  const made = Object.entries(fields).map(([name, field]) => ({
    name,
    camelName: camelCase(name),
    field,
  }));
  listings.set(fields, made);
  return made;
}

const camelCase = (name: string) => name.replaceAll(/_([a-z])/g, (_, c: string) => c.toUpperCase());
