import { parseDuration } from "./duration";

/** What an expression computes with: JSON, and dates from `date()` and `now()`. */
export type Value = null | boolean | number | string | Date | Value[] | { [key: string]: Value };

/** JavaScript truthiness, as the real server has it for `!`, `&&`, `||` and `?:`. */
export function truthy(value: Value): boolean {
  return Boolean(value);
}

/** A missing field is null: equal to null only. Values of different kinds are never equal. */
export function equal(a: Value, b: Value): boolean {
  if (a instanceof Date || b instanceof Date) return compare(a, b) === 0;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && equal(member(a, key), member(b, key)));
}

/** Negative, zero or positive; undefined when there is no order, which makes every comparison false. */
export function compare(a: Value, b: Value): number | undefined {
  if (a instanceof Date || b instanceof Date) return compareDates(asDate(a), asDate(b));
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return undefined;
}

function compareDates(a: Date | null, b: Date | null): number | undefined {
  return a && b ? a.getTime() - b.getTime() : undefined;
}

function asDate(value: Value): Date | null {
  if (value instanceof Date) return value;
  if (typeof value !== "string" && typeof value !== "number") return null;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** A field or element; null for what is not there, prototypes included. */
export function member(value: Value, key: Value): Value {
  if (Array.isArray(value)) return (typeof key === "number" ? value[key] : null) ?? null;
  if (typeof value !== "object" || value === null || value instanceof Date) return null;
  if (typeof key !== "string" || !Object.hasOwn(value, key)) return null;
  return value[key] ?? null;
}

export function contains(container: Value, item: Value): boolean {
  if (Array.isArray(container)) return container.some((each) => equal(each, item));
  if (typeof container !== "object" || container === null) return false;
  return typeof item === "string" && Object.hasOwn(container, item);
}

/** Arithmetic on numbers, `+` on strings and lists too; null when the operands do not fit. */
export function arithmetic(operator: string, a: Value, b: Value): Value {
  if (operator === "+") {
    if (typeof a === "string" && typeof b === "string") return a + b;
    if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
  }
  if (typeof a !== "number" || typeof b !== "number") return null;
  const result = { "+": a + b, "-": a - b, "*": a * b, "/": a / b, "%": a % b }[operator];
  return result !== undefined && Number.isFinite(result) ? result : null;
}

function text(value: Value): string | null {
  if (value === null) return null;
  if (value instanceof Date) return value.toISOString();
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function number(value: Value): number | null {
  const result = typeof value === "string" && value.trim() === "" ? Number.NaN : Number(value);
  return value === null || Number.isNaN(result) ? null : result;
}

function onText(fn: (value: string, argument: string) => Value) {
  return (value: Value = null, argument: Value = null): Value =>
    typeof value === "string" && (argument === null || typeof argument === "string")
      ? fn(value, argument ?? "")
      : null;
}

function parseJson(value: string): Value {
  try {
    return JSON.parse(value) as Value;
  } catch {
    return null;
  }
}

function shifted(sign: 1 | -1) {
  return onText((value) => {
    const ms = parseDuration(value);
    return ms === undefined ? null : new Date(Date.now() + sign * ms);
  });
}

interface KnownFunction {
  /** Count of arguments, the receiver included. */
  arity: number;
  run: (...args: Value[]) => Value;
}

/** Functions an expression may call, as `f(x)` or `x.f()`. None of them throws. */
export const FUNCTIONS: Record<string, KnownFunction> = {
  size: {
    arity: 1,
    run: (v = null) =>
      typeof v === "string" ? v.length : v && typeof v === "object" ? Object.keys(v).length : 0,
  },
  string: { arity: 1, run: (v = null) => text(v) },
  double: { arity: 1, run: (v = null) => number(v) },
  int: {
    arity: 1,
    run: (v = null) => {
      const n = number(v);
      return n === null ? null : Math.trunc(n);
    },
  },
  bool: { arity: 1, run: (v = null) => truthy(v) },
  startsWith: { arity: 2, run: (a, b) => onText((v, x) => v.startsWith(x))(a, b) ?? false },
  endsWith: { arity: 2, run: (a, b) => onText((v, x) => v.endsWith(x))(a, b) ?? false },
  contains: { arity: 2, run: (a, b) => onText((v, x) => v.includes(x))(a, b) ?? false },
  lowercase: { arity: 1, run: onText((v) => v.toLowerCase()) },
  uppercase: { arity: 1, run: onText((v) => v.toUpperCase()) },
  lowerAscii: { arity: 1, run: onText((v) => v.toLowerCase()) },
  upperAscii: { arity: 1, run: onText((v) => v.toUpperCase()) },
  b64decode: { arity: 1, run: onText((v) => Buffer.from(v, "base64").toString("utf8")) },
  json_parse: { arity: 1, run: onText(parseJson) },
  date: { arity: 1, run: (v = null) => asDate(v) },
  timestamp: { arity: 1, run: (v = null) => asDate(v) },
  now: { arity: 0, run: () => new Date() },
  now_plus: { arity: 1, run: shifted(1) },
  now_minus: { arity: 1, run: shifted(-1) },
};
