const MASK = "[redacted]";

/** Credentials by their form: our keys, header values, tokens in URLs, passwords in addresses. */
const PATTERNS: readonly [RegExp, string][] = [
  [/\bmdy_[0-9A-Za-z_]{6,}/g, MASK],
  [/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${MASK}`],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, MASK],
  [/\bwhsec_[\w+/=-]+/g, MASK],
  [/(next-auth[\w.-]*=)[^;\s"']+/gi, `$1${MASK}`],
  [
    /\b((?:[\w-]*(?:token|secret|password|api[_-]?key|invitation|code_verifier|signature))["']?\s*[=:]\s*["']?)[^\s&"',;)}]+/gi,
    `$1${MASK}`,
  ],
  [/(\w+:\/\/[^\s:/@]*:)[^\s@/]+@/g, `$1${MASK}@`],
];

/** drizzle writes a statement's values behind its text. */
const VALUES = /(\bparams:)[\s\S]*?(?=\n\s+at |$)/g;

/** The text without what looks like a credential, and without a statement's values. */
export function scrub(text: string): string {
  let clean = text.replace(VALUES, `$1 ${MASK}`);
  for (const [pattern, mask] of PATTERNS) clean = clean.replace(pattern, mask);
  return clean;
}
