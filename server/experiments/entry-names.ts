import { LIMITS } from "./constants";

const ALLOWED = /^[/\p{L}\p{N}_.\- :]*$/u;

/**
 * Why a metric, parameter or tag key is refused; null when it is good. Keys may be treated as
 * files by clients, so one that resolves to another path is refused (mlflow/utils/validation.py).
 */
export function keyProblem(key: string): string | null {
  if (!ALLOWED.test(key)) {
    return "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).";
  }
  const resolves =
    key.startsWith("..") || key.split("/").some((part) => ["", ".", ".."].includes(part));
  if (resolves) {
    return "Names may be treated as files in certain cases, and must not resolve to other names when treated as such.";
  }
  return key.length > LIMITS.key ? `exceeds the maximum length of ${LIMITS.key} characters` : null;
}

const KNOWN_MAX = 10_000;
const known = new Set<string>();

/** Whether a key is good, remembered: the same few come with every batch. */
export function isKnownKey(key: unknown): key is string {
  if (typeof key !== "string") return false;
  if (known.has(key)) return true;
  if (keyProblem(key) !== null) return false;
  if (known.size >= KNOWN_MAX) known.clear();
  known.add(key);
  return true;
}

/** Characters that are no part of a file's name on one system or another. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused.
const UNSAFE = /[\u0000-\u001f\u007f\\]/;
/** Percent-encoded dots, slashes and NUL, which a later decoder might turn into the real ones. */
const ENCODED = /%(?:2e|2f|5c|00|25)/i;

/** Why the path of an artifact is refused; null when it is good. `path` is decoded and relative. */
export function artifactPathProblem(path: string): string | null {
  if (path.length > LIMITS.artifactPath) {
    return `exceeds the maximum length of ${LIMITS.artifactPath} characters`;
  }
  if (UNSAFE.test(path)) return "may hold neither backslashes nor control characters";
  if (ENCODED.test(path)) return "may hold no percent-encoded dots, slashes or percent signs";
  if (/^[a-z]:/i.test(path)) return "may not begin with a drive";
  const parts = path.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    return "must be relative and hold no empty, '.' or '..' parts";
  }
  return null;
}
