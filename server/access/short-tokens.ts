import { decodeJwt, errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { deriveKey } from "@/server/kernel/derive-key";
import { AppError } from "@/server/kernel/errors";

/** How long an exchanged token is good for, seconds. */
export const TOKEN_SECONDS = 15 * 60;

const ISSUER = "modelyard";
const AUDIENCE = "modelyard";

const claims = z.object({
  sub: z.string(),
  /** Public id of the key it stands for; the key is looked up at every use. */
  key: z.string(),
  scopes: z.array(z.string()).nullable(),
});

export interface ShortToken {
  keyId: string;
  publicId: string;
  scopes: string[] | null;
}

export const looksLikeJwt = (text: string): boolean =>
  /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(text) && text.length <= 8192;

/** The issuer a token claims, unverified: it only chooses who verifies. */
export function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

/** Signs and verifies the installation's own tokens with a key derived from its secret. */
export class ShortTokens {
  private readonly key: Buffer;

  constructor(secret: string) {
    this.key = deriveKey(secret, "short-lived tokens");
  }

  static isOwn(token: string): boolean {
    return issuerOf(token) === ISSUER;
  }

  sign(token: ShortToken, now: Date): Promise<string> {
    const seconds = Math.floor(now.getTime() / 1000);
    return new SignJWT({ key: token.publicId, scopes: token.scopes })
      .setProtectedHeader({ alg: "HS256", typ: "at+jwt" })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(token.keyId)
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + TOKEN_SECONDS)
      .sign(this.key);
  }

  /** Throws unauthenticated for anything this installation did not sign, or that has expired. */
  async verify(token: string): Promise<ShortToken> {
    try {
      const { payload } = await jwtVerify(token, this.key, {
        issuer: ISSUER,
        audience: AUDIENCE,
        algorithms: ["HS256"],
        typ: "at+jwt",
        requiredClaims: ["exp", "sub"],
      });
      const { sub, key, scopes } = claims.parse(payload);
      return { keyId: sub, publicId: key, scopes };
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof z.ZodError) throw refused();
      throw error;
    }
  }
}

export const refused = () =>
  new AppError("unauthenticated", "This token is not valid, or has expired. Get a new one.");
