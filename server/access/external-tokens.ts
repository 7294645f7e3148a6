import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JWTVerifyGetKey,
  jwtVerify,
} from "jose";
import { z } from "zod";
import { AppError } from "@/server/kernel/errors";
import type { Outbound } from "@/server/kernel/outbound";
import { issuerOf, refused } from "./short-tokens";

/** Another issuer whose tokens programs may show, as the operator configured it. */
export interface ExternalIssuer {
  issuer: string;
  audience: string;
  jwksUrl: string;
  /** Asymmetric signatures only. */
  algorithms: string[];
  /** Claim that holds the workspaces: { "<slug>": "<role>" }. */
  claim: string;
}

export interface ExternalToken {
  issuer: string;
  subject: string;
  /** Workspace slug → role. */
  workspaces: Record<string, string>;
  /** From the claim `scope`; null when absent. */
  scopes: string[] | null;
}

const workspacesClaim = z.record(z.string().min(1).max(100), z.string().min(1).max(100));

/** The answer of the key set, through the outbound guard, as jose wants it. */
const guardedFetch =
  (outbound: Outbound): FetchImplementation =>
  async (url) => {
    const reply = await outbound.request(String(url), { limitBytes: 256 * 1024 });
    return new Response(reply.body.toString("utf8"), { status: reply.status });
  };

/** Verifies tokens of the one configured issuer; a `jku` or a key inside a token is never used. */
export class ExternalTokens {
  private readonly keys: JWTVerifyGetKey;

  constructor(
    private readonly config: ExternalIssuer,
    outbound: Outbound,
  ) {
    this.keys = createRemoteJWKSet(new URL(config.jwksUrl), {
      [customFetch]: guardedFetch(outbound),
      cooldownDuration: 30_000,
      cacheMaxAge: 600_000,
    });
  }

  isFor(token: string): boolean {
    return issuerOf(token) === this.config.issuer;
  }

  /** Throws unauthenticated, or unavailable when the key set cannot be read: never anonymous. */
  async verify(token: string): Promise<ExternalToken> {
    const { issuer, audience, algorithms, claim } = this.config;
    try {
      const { payload } = await jwtVerify(token, this.keys, {
        issuer,
        audience,
        algorithms,
        requiredClaims: ["exp", "sub"],
        clockTolerance: 5,
      });
      const scope = payload.scope;
      return {
        issuer,
        subject: z.string().min(1).max(255).parse(payload.sub),
        workspaces: workspacesClaim.parse(payload[claim]),
        scopes: typeof scope === "string" ? scope.split(" ").filter(Boolean) : null,
      };
    } catch (error) {
      if (isBad(error)) throw refused();
      throw new AppError(
        "unavailable",
        "The keys of the token's issuer cannot be read right now.",
        {
          retryAfterSeconds: 5,
        },
      );
    }
  }
}

/** True when the token is at fault, not the way to its issuer's keys. */
const isBad = (error: unknown): boolean =>
  error instanceof z.ZodError ||
  (error instanceof errors.JOSEError &&
    !(error instanceof errors.JWKSTimeout) &&
    !(error instanceof errors.JWKSInvalid) &&
    error.code !== "ERR_JOSE_GENERIC");
