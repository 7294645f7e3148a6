import { timingSafeEqual } from "node:crypto";
import type { Pool } from "pg";
import { type Actor, ROLES, type Role } from "@/server/kernel/actor";
import { AppError } from "@/server/kernel/errors";
import { apiKeyParts } from "./api-key-format";
import { hashToken } from "./session-token";

/** Who calls, for which workspace. */
export interface Principal {
  actor: Actor;
  workspaceId: string;
  workspaceSlug: string;
}

export const isRole = (text: string): text is Role => (ROLES as readonly string[]).includes(text);

/** A revoked key or an ended session stops working within this time, milliseconds. */
const CACHE_MS = 900;
const CACHE_ENTRIES = 10_000;

interface KeyRow {
  workspace_id: string;
  workspace_slug: string;
  id: string;
  secret_hash: Buffer;
  name: string;
  role: string;
  run_id: string | null;
  expires_at: Date | null;
  revoked_at: Date | null;
}

/** Finds principals in the database and keeps them for less than a second. */
export class CredentialResolver {
  private readonly cache = new Map<string, { principal: Promise<Principal>; until: number }>();

  constructor(private readonly pool: Pool) {}

  /** Throws unauthenticated for an unknown, revoked or expired key. */
  byApiKey(key: string): Promise<Principal> {
    return this.cached(`k:${key}`, () => this.loadApiKey(key));
  }

  /** `workspace` is a slug. Throws unauthenticated without a session, not_found without membership. */
  bySession(token: string, workspace: string): Promise<Principal> {
    return this.cached(`s:${workspace}:${token}`, () => this.loadSession(token, workspace));
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

  private async loadApiKey(key: string): Promise<Principal> {
    const { publicId, secretHash } = apiKeyParts(key);
    const { rows } = await this.pool.query<KeyRow>("select * from lookup_api_key($1)", [publicId]);
    const row = rows[0];
    const good =
      row &&
      row.secret_hash.length === secretHash.length &&
      timingSafeEqual(row.secret_hash, secretHash) &&
      !row.revoked_at &&
      (!row.expires_at || row.expires_at.getTime() > Date.now()) &&
      isRole(row.role);
    if (!good || !isRole(row.role)) {
      throw new AppError("unauthenticated", "This API key is unknown, expired or revoked.");
    }
    this.touch(row.workspace_id, row.id);
    return {
      workspaceId: row.workspace_id,
      workspaceSlug: row.workspace_slug,
      actor: { type: "apiKey", keyId: row.id, name: row.name, role: row.role, runId: row.run_id },
    };
  }

  private async loadSession(token: string, workspace: string): Promise<Principal> {
    const { rows } = await this.pool.query<{ user_id: string; name: string }>(
      "select user_id, name from lookup_session($1)",
      [hashToken(token)],
    );
    const user = rows[0];
    if (!user) throw new AppError("unauthenticated", "The session has ended. Sign in again.");
    const memberships = await this.pool.query<{ id: string; slug: string; role: string }>(
      "select id, slug, role from list_user_workspaces($1)",
      [user.user_id],
    );
    const member = memberships.rows.find((row) => row.slug === workspace);
    if (!member || !isRole(member.role)) {
      throw new AppError("not_found", "This workspace does not exist, or you are not a member.");
    }
    return {
      workspaceId: member.id,
      workspaceSlug: member.slug,
      actor: { type: "user", userId: user.user_id, name: user.name, role: member.role },
    };
  }

  /** Last use, at most once a minute, after the answer. */
  private touch(workspaceId: string, keyId: string): void {
    void (async () => {
      const client = await this.pool.connect();
      try {
        await client.query("begin");
        await client.query("select set_config('app.workspace_id', $1, true)", [workspaceId]);
        await client.query(
          `update api_keys set last_used_at = now() where workspace_id = $1 and id = $2
           and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
          [workspaceId, keyId],
        );
        await client.query("commit");
      } finally {
        client.release();
      }
    })().catch(() => undefined);
  }
}
