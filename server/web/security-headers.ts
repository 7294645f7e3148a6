import { randomBytes } from "node:crypto";

/** What browsers are told with every answer, whatever it is. */
const ALWAYS: readonly [string, string][] = [
  ["x-content-type-options", "nosniff"],
  ["referrer-policy", "same-origin"],
  [
    "permissions-policy",
    "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=()",
  ],
  ["cross-origin-opener-policy", "same-origin"],
  ["cross-origin-resource-policy", "same-origin"],
  ["x-frame-options", "DENY"],
];

const HSTS: [string, string] = ["strict-transport-security", "max-age=31536000"];

/** Answers to machines are never a page; those that are bring a policy of their own. */
const API_POLICY =
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Headers of every answer outside the prediction lane. */
export function securityHeaders(isTls: boolean): [string, string][] {
  const headers: [string, string][] = [...ALWAYS, ["content-security-policy", API_POLICY]];
  return isTls ? [...headers, HSTS] : headers;
}

export interface PagePolicy {
  nonce: string;
  policy: string;
}

/**
 * The policy of one page: only scripts that carry its nonce run, and what those load. Next reads the
 * nonce from the request's own header of this name. Style attributes are how charts place things,
 * so styles stay free; they cannot run anything.
 */
export function pagePolicy(options: { isDev: boolean; isSignIn: boolean }): PagePolicy {
  const nonce = randomBytes(18).toString("base64");
  const evaluate = options.isDev ? " 'unsafe-eval'" : "";
  const rules = [
    "default-src 'self'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'${evaluate}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    `connect-src 'self'${options.isDev ? " ws: wss:" : ""}`,
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    // A sign-in form ends at the provider, wherever that is.
    ...(options.isSignIn ? [] : ["form-action 'self'"]),
    "frame-src 'none'",
    "frame-ancestors 'none'",
  ];
  return { nonce, policy: rules.join("; ") };
}
