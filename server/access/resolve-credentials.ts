import { timingSafeEqual } from "node:crypto";
import type { Pool } from "pg";
import { AppError } from "@/server/kernel/errors";
import { apiKeyParts } from "./api-key-format";
import { type Permission, permissionsOf } from "./constants";
import type { ExternalToken, ExternalTokens } from "./external-tokens";
import { allowsOf, type KeyRow, keyPermissions, limitToken, type Principal } from "./principal";
import { hashToken } from "./session-token";
import { looksLikeJwt, refused, ShortTokens } from "./short-tokens";
import { touchKey } from "./touch-key";

/** A revoked key or an ended session stops working within this time, milliseconds. */
const CACHE_MS = 900;
const CACHE_ENTRIES = 10_000;

const unknownKey = () =>
  new AppError("unauthenticated", "This API key is unknown, expired or revoked.");

interface MembershipRow {
  workspace_id: string;
  slug: string;
  archived_at: Date | null;
  role: string;
  role_permissions: string[] | null;
}

/** Who signs and verifies tokens; without them only keys and sessions work. */
export interface TokenVerifiers {
  own?: ShortTokens | undefined;
  external?: ExternalTokens | undefined;
}

/** Finds principals in the database and keeps them for less than a second. */
export class CredentialResolver {
  private readonly cache = new Map<string, { principal: Promise<Principal>; until: number }>();

  constructor(
    private readonly pool: Pool,
    private readonly tokens: TokenVerifiers = {},
  ) {}

  /**
   * `key` is an API key or a token; `tenant` (the header X-Tenant-ID, slug or id) picks one of
   * several workspaces. Throws unauthenticated for what is unknown, revoked or expired.
   */
  byApiKey(key: string, tenant?: string | null): Promise<Principal> {
    return this.cached(JSON.stringify(["k", key, tenant ?? null]), async () => {
      const principal = await this.load(key, tenant ?? undefined);
      const { workspaceId, workspaceSlug } = principal;
      if (tenant && tenant !== workspaceSlug && tenant !== workspaceId) {
        throw new AppError("not_found", "These credentials do not reach this workspace.");
      }
      return principal;
    });
  }

  /** `workspace` is a slug. Throws unauthenticated without a session, not_found without membership. */
  bySession(token: string, workspace: string): Promise<Principal> {
    return this.cached(JSON.stringify(["s", token, workspace]), () =>
      this.loadSession(token, workspace),
    );
  }

  /** Who may do what has changed: the next call of each caller asks anew. */
  forget(): void {
    this.cache.clear();
  }

  private cached(key: string, load: () => Promise<Principal>): Promise<Principal> {
    const now = Date.now();
    const hit = this.cache.get(key);
    if (hit && hit.until > now) return hit.principal;
    if (this.cache.size >= CACHE_ENTRIES) this.cache.clear();
    const principal = load();
    this.cache.set(key, { principal, until: now + CACHE_MS });
    // A refusal is not kept: the next call asks again.
    principal.catch(() => this.cache.delete(key));
    return principal;
  }

  private async load(key: string, tenant: string | undefined): Promise<Principal> {
    if (!looksLikeJwt(key)) return this.loadApiKey(key);
    const { own, external } = this.tokens;
    if (own && ShortTokens.isOwn(key)) {
      const token = await own.verify(key);
      const row = await this.findKey(token.publicId);
      if (row?.id !== token.keyId) throw refused();
      return this.principalOf(row, limitToken(keyPermissions(row), token.scopes), "token");
    }
    if (external?.isFor(key)) return this.loadExternal(await external.verify(key), tenant);
    throw refused();
  }

  private async findKey(publicId: string): Promise<KeyRow | undefined> {
    const { rows } = await this.pool.query<KeyRow>("select * from lookup_api_key($1)", [publicId]);
    return rows[0];
  }

  private async loadApiKey(key: string): Promise<Principal> {
    const { publicId, secretHash } = apiKeyParts(key);
    const row = await this.findKey(publicId);
    if (!row || !holdsSecret(row, secretHash)) throw unknownKey();
    return this.principalOf(row, keyPermissions(row));
  }

  private principalOf(row: KeyRow, permissions: ReadonlySet<Permission>, via?: "token"): Principal {
    if (row.revoked_at || (row.expires_at && row.expires_at.getTime() <= Date.now())) {
      throw unknownKey();
    }
    refuseArchived(row.archived_at);
    if (row.created_by && row.creator_role === null) {
      throw new AppError("unauthenticated", "Whoever made this API key has left the workspace.");
    }
    touchKey(this.pool, row.workspace_id, row.id);
    return {
      workspaceId: row.workspace_id,
      workspaceSlug: row.workspace_slug,
      actor: {
        type: "apiKey",
        keyId: row.id,
        name: row.name,
        role: row.role,
        runId: row.run_id,
        ...(row.created_by ? { createdBy: row.created_by } : {}),
        ...(via ? { via } : {}),
        allows: allowsOf(permissions),
      },
    };
  }

  private async loadExternal(token: ExternalToken, tenant: string | undefined): Promise<Principal> {
    const named = Object.keys(token.workspaces);
    const ref = tenant ?? (named.length === 1 ? named[0] : undefined);
    if (!ref) {
      throw new AppError("bad_request", "Name one of the token's workspaces in X-Tenant-ID.");
    }
    for (const [slug, role] of Object.entries(token.workspaces)) {
      const { rows } = await this.pool.query<Omit<MembershipRow, "role">>(
        "select * from lookup_workspace_role($1, $2)",
        [slug, role],
      );
      const row = rows.find((one) => one.slug === slug);
      if (!row || (ref !== row.slug && ref !== row.workspace_id)) continue;
      refuseArchived(row.archived_at);
      const permissions = limitToken(permissionsOf(role, row.role_permissions), token.scopes);
      const keyId = `${token.issuer}#${token.subject}`;
      return {
        workspaceId: row.workspace_id,
        workspaceSlug: row.slug,
        actor: {
          type: "apiKey",
          keyId,
          name: token.subject,
          role,
          runId: null,
          via: "token",
          allows: allowsOf(permissions),
        },
      };
    }
    throw new AppError("not_found", "This token does not reach this workspace.");
  }

  private async loadSession(token: string, workspace: string): Promise<Principal> {
    const { rows } = await this.pool.query<{ user_id: string; name: string }>(
      "select user_id, name from lookup_session($1)",
      [hashToken(token)],
    );
    const user = rows[0];
    if (!user) throw new AppError("unauthenticated", "The session has ended. Sign in again.");
    const found = await this.pool.query<MembershipRow>("select * from lookup_membership($1, $2)", [
      user.user_id,
      workspace,
    ]);
    const member = found.rows[0];
    if (!member) {
      throw new AppError("not_found", "This workspace does not exist, or you are not a member.");
    }
    refuseArchived(member.archived_at);
    return {
      workspaceId: member.workspace_id,
      workspaceSlug: member.slug,
      actor: {
        type: "user",
        userId: user.user_id,
        name: user.name,
        role: member.role,
        allows: allowsOf(permissionsOf(member.role, member.role_permissions)),
      },
    };
  }
}

/** The secret of the key, or the one before its last rotation while the two overlap. */
function holdsSecret(row: KeyRow, secretHash: Buffer): boolean {
  const same = (hash: Buffer) =>
    hash.length === secretHash.length && timingSafeEqual(hash, secretHash);
  const overlap = (row.previous_valid_until?.getTime() ?? 0) > Date.now();
  return (
    same(row.secret_hash) ||
    (overlap && row.previous_secret_hash !== null && same(row.previous_secret_hash))
  );
}

function refuseArchived(archivedAt: Date | null): void {
  if (!archivedAt) return;
  throw new AppError(
    "conflict",
    "This workspace is archived. One of its administrators can restore it.",
  );
}
