import { invalid } from "@/server/kernel/errors";

/** How deep a JSON body may be nested. */
export const JSON_DEPTH_MAX = 32;
/** How many keys all objects of a JSON body may have together. */
export const JSON_KEYS_MAX = 100_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/**
 * Refuses JSON that is too deep or has too many keys before anything is built from it: one pass
 * over the bytes. Whether it is JSON at all is the parser's to say. Throws validation_failed.
 */
export function checkJsonShape(bytes: Uint8Array): void {
  let depth = 0;
  let keys = 0;
  let isInText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (isInText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) isInText = false;
    } else if (byte === QUOTE) isInText = true;
    else if (byte === COLON) keys += 1;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      depth += 1;
      if (depth > JSON_DEPTH_MAX) throw tooMuch(`be nested ${JSON_DEPTH_MAX} deep`);
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth -= 1;
  }
  if (keys > JSON_KEYS_MAX) throw tooMuch(`have ${JSON_KEYS_MAX} keys`);
}

const tooMuch = (what: string) => invalid(`A JSON body may ${what} at most.`);
