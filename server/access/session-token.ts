import { createHash, randomBytes } from "node:crypto";

/** How long a browser session lives without use, milliseconds. */
export const SESSION_MS = 30 * 24 * 3600 * 1000;

/** The name next-auth gives its cookie; the prefixed one where the product is served over TLS. */
export const SESSION_COOKIES = ["__Secure-next-auth.session-token", "next-auth.session-token"];

export const newToken = (): string => randomBytes(32).toString("base64url");

/** Only hashes of tokens are stored. */
export const hashToken = (token: string): Buffer => createHash("sha256").update(token).digest();

/** The session token of a Cookie header, or undefined. */
export function sessionTokenOf(cookieHeader: string | null | undefined): string | undefined {
  for (const part of (cookieHeader ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at > 0 && SESSION_COOKIES.includes(part.slice(0, at).trim())) {
      return decodeURIComponentSafe(part.slice(at + 1).trim());
    }
  }
  return undefined;
}

function decodeURIComponentSafe(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
