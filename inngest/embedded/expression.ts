import { type ASTNode, parse } from "@marcbachmann/cel-js";
import {
  arithmetic,
  compare,
  contains,
  equal,
  FUNCTIONS,
  member,
  truthy,
  type Value,
} from "./expression-values";

type Scope = Record<string, Value>;
type Compiled = (scope: Scope) => Value;

/** The expression cannot be evaluated here; the message says which part. */
export class ExpressionError extends Error {
  override name = "ExpressionError";
}

const LENGTH_MAX = 4000;
const CACHE_MAX = 2000;
const cache = new Map<string, Compiled>();

/**
 * Compiles an expression of Inngest's dialect of CEL: a missing field is null, nothing throws at
 * evaluation. `roots` are the variables it may name.
 * @throws ExpressionError for a syntax error or anything outside the supported subset.
 */
export function compileExpression(text: string, roots: readonly string[]): Compiled {
  const key = `${roots.join()}|${text}`;
  const known = cache.get(key);
  if (known) return known;
  const compiled = compile(parseExpression(text), new Set(roots));
  // Expressions of waits can hold ids, so their number has no bound of its own.
  if (cache.size >= CACHE_MAX) cache.clear();
  cache.set(key, compiled);
  return compiled;
}

/** The syntax tree. @throws ExpressionError */
export function parseExpression(text: string): ASTNode {
  if (text.length > LENGTH_MAX) throw new ExpressionError(`longer than ${LENGTH_MAX} characters`);
  try {
    return parse(text).ast;
  } catch (error) {
    const [line] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new ExpressionError(line ?? "cannot be parsed");
  }
}

/** Evaluates over JSON values; the cast states that events are JSON. */
export function evaluate(compiled: Compiled, scope: Record<string, unknown>): Value {
  return compiled(scope as Scope);
}

function compile(node: ASTNode, names: ReadonlySet<string>): Compiled {
  const inner = (each: ASTNode) => compile(each, names);
  switch (node.op) {
    case "value":
      return constant(node.args);
    case "id":
      return variable(node.args, names);
    case ".": {
      const [from, key] = [inner(node.args[0]), node.args[1]];
      return (scope) => member(from(scope), key);
    }
    case "[]": {
      const [from, key] = [inner(node.args[0]), inner(node.args[1])];
      return (scope) => member(from(scope), key(scope));
    }
    case "list": {
      const items = node.args.map(inner);
      return (scope) => items.map((item) => item(scope));
    }
    case "!_": {
      const operand = inner(node.args);
      return (scope) => !truthy(operand(scope));
    }
    case "-_": {
      const operand = inner(node.args);
      return (scope) => arithmetic("-", 0, operand(scope));
    }
    case "?:": {
      const [test, yes, no] = [inner(node.args[0]), inner(node.args[1]), inner(node.args[2])];
      return (scope) => (truthy(test(scope)) ? yes(scope) : no(scope));
    }
    case "call":
      return call(node.args[0], node.args[1], names);
    case "rcall":
      return receiverCall(node.args[0], node.args[1], node.args[2], names);
    case "map":
    case ".?":
    case "[?]":
      throw new ExpressionError(`"${node.op}" is not supported`);
    default:
      return binary(node.op, inner(node.args[0]), inner(node.args[1]));
  }
}

function constant(value: unknown): Compiled {
  if (value === null || typeof value === "string" || typeof value === "boolean") return () => value;
  if (value instanceof Uint8Array) throw new ExpressionError("bytes are not supported");
  const number = Number(value);
  return () => number;
}

function variable(name: string, names: ReadonlySet<string>): Compiled {
  if (!names.has(name)) {
    throw new ExpressionError(`"${name}" is unknown; there is ${[...names].join(", ")}`);
  }
  return (scope) => scope[name] ?? null;
}

function binary(operator: string, left: Compiled, right: Compiled): Compiled {
  switch (operator) {
    case "&&":
      return (scope) => truthy(left(scope)) && truthy(right(scope));
    case "||":
      return (scope) => truthy(left(scope)) || truthy(right(scope));
    case "==":
      return (scope) => equal(left(scope), right(scope));
    case "!=":
      return (scope) => !equal(left(scope), right(scope));
    case "in":
      return (scope) => contains(right(scope), left(scope));
    case "<":
      return (scope) => (compare(left(scope), right(scope)) ?? 0) < 0;
    case ">":
      return (scope) => (compare(left(scope), right(scope)) ?? 0) > 0;
    case "<=":
      return (scope) => (compare(left(scope), right(scope)) ?? 1) <= 0;
    case ">=":
      return (scope) => (compare(left(scope), right(scope)) ?? -1) >= 0;
    default:
      return (scope) => arithmetic(operator, left(scope), right(scope));
  }
}

function call(name: string, args: ASTNode[], names: ReadonlySet<string>): Compiled {
  if (name === "has" && args[0] && args.length === 1) {
    const operand = compile(args[0], names);
    return (scope) => operand(scope) !== null;
  }
  const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (!known) throw new ExpressionError(`function "${name}" is not supported`);
  if (known.arity !== args.length) {
    throw new ExpressionError(`function "${name}" takes ${known.arity} values, not ${args.length}`);
  }
  const compiled = args.map((arg) => compile(arg, names));
  return (scope) => known.run(...compiled.map((arg) => arg(scope)));
}

type Macro = (items: Value[], test: (item: Value) => Value) => Value;

const MACROS: Record<string, Macro> = {
  all: (items, test) => items.every((item) => truthy(test(item))),
  exists: (items, test) => items.some((item) => truthy(test(item))),
  exists_one: (items, test) => items.filter((item) => truthy(test(item))).length === 1,
  filter: (items, test) => items.filter((item) => truthy(test(item))),
  map: (items, test) => items.map(test),
};

function receiverCall(
  name: string,
  receiver: ASTNode,
  args: ASTNode[],
  names: ReadonlySet<string>,
): Compiled {
  const macro = Object.hasOwn(MACROS, name) ? MACROS[name] : undefined;
  const [bound, body] = args;
  if (!macro) return call(name, [receiver, ...args], names);
  if (bound?.op !== "id" || !body || args.length !== 2) {
    throw new ExpressionError(`"${name}" takes a variable and an expression`);
  }
  const from = compile(receiver, names);
  const variableName = bound.args;
  const test = compile(body, new Set([...names, variableName]));
  return (scope) => {
    const list = from(scope);
    const items = Array.isArray(list) ? list : [];
    return macro(items, (item) => test({ ...scope, [variableName]: item }));
  };
}
