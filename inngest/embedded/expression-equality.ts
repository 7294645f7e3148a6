import type { ASTNode } from "@marcbachmann/cel-js";
import { parseExpression } from "./expression";
import { isStorableText } from "./json";

const LEAVES_MAX = 500;
const DEPTH_MAX = 6;

/**
 * A condition that must hold whenever `text` holds, as `path=value` over the arriving event
 * (`data.jobId=j1` for `async.data.jobId == event.data.jobId`), or null when none is found.
 * It lets the database leave out waits that cannot match; the expression still decides.
 */
export function equalityOf(text: string, event: unknown): string | null {
  return find(parseExpression(text), event);
}

function find(node: ASTNode, event: unknown): string | null {
  if (node.op === "&&") return find(node.args[0], event) ?? find(node.args[1], event);
  if (node.op !== "==") return null;
  const [left, right] = node.args;
  return pair(left, right, event) ?? pair(right, left, event);
}

function pair(side: ASTNode, other: ASTNode, event: unknown): string | null {
  const path = pathOf(side);
  if (path?.[0] !== "async" || path.length < 2) return null;
  const value = knownValue(other, event);
  const leaf = typeof value === "string" ? leafText(path.slice(1), value) : null;
  return leaf;
}

function knownValue(node: ASTNode, event: unknown): unknown {
  if (node.op === "value") return node.args;
  const path = pathOf(node);
  if (path?.[0] !== "event") return undefined;
  let value = event;
  for (const key of path.slice(1)) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

function pathOf(node: ASTNode): string[] | null {
  if (node.op === "id") return [node.args];
  if (node.op !== ".") return null;
  const from = pathOf(node.args[0]);
  return from && [...from, node.args[1]];
}

/** Null for what Postgres cannot hold as text or an index cannot hold at all. */
function leafText(path: string[], value: string): string | null {
  const leaf = `${path.join(".")}=${value}`;
  return leaf.length > 500 || !isStorableText(leaf) || path.length > DEPTH_MAX ? null : leaf;
}

/** Every text leaf of an event as `path=value`; null when there are too many to list. */
export function textLeaves(event: unknown): string[] | null {
  const leaves: string[] = [];
  const walk = (value: unknown, path: string[]): void => {
    if (leaves.length > LEAVES_MAX || path.length > DEPTH_MAX) return;
    if (typeof value === "string") {
      const leaf = leafText(path, value);
      if (leaf) leaves.push(leaf);
    } else if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      for (const [key, each] of Object.entries(value)) walk(each, [...path, key]);
    }
  };
  walk(event, []);
  return leaves.length > LEAVES_MAX ? null : leaves;
}
