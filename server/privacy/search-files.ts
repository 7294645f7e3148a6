import { StringDecoder } from "node:string_decoder";
import { sql } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import type { Search } from "./conditions";
import { toExpression } from "./policy";

/** Bytes read at most; files beyond are counted as not searched. */
const BYTES_MAX = 256 * 1024 * 1024;
/** More than the longest spelling of a subject, characters. */
const OVERLAP = 2_000;

interface StoredFile extends Record<string, unknown> {
  owner: string;
  path: string;
  sha256: string;
  size: string;
}

/** Files of the workspace whose plain bytes hold the subject, and how many were not read. */
export async function searchFiles(
  ctx: Context,
  search: Search,
  permission: "privacy:erase" | "privacy:export",
): Promise<{ files: { owner: string; path: string; sha256: string }[]; unread: number }> {
  requirePermission(ctx, permission);
  const patterns = search.terms.filter((term) => term.words).map((term) => term.loose);
  if (patterns.length === 0) return { files: [], unread: 0 };
  const expression = toExpression(patterns.join("|"));
  const stored = await withWorkspace(ctx, (tx) => listFiles(tx, ctx.workspaceId));
  const answers = new Map<string, boolean>();
  const files: { owner: string; path: string; sha256: string }[] = [];
  let unread = 0;
  let budget = BYTES_MAX;
  for (const { owner, path, sha256, size } of stored) {
    if (!answers.has(sha256)) {
      if (Number(size) > budget) {
        unread += 1;
        continue;
      }
      budget -= Number(size);
      const holds = await holdsText(ctx, sha256, expression);
      if (holds === undefined) unread += 1;
      else answers.set(sha256, holds);
    }
    if (answers.get(sha256)) files.push({ owner, path, sha256 });
  }
  return { files, unread };
}

async function listFiles(tx: Transaction, workspaceId: string): Promise<StoredFile[]> {
  const { rows } = await tx.execute<StoredFile>(sql`
    select 'dataset ' || id as owner, name || ' v' || version as path, sha256, size_bytes::text as size
      from datasets where workspace_id = ${workspaceId} and deleted_at is null
    union all select 'run ' || run_id, path, sha256, size_bytes::text from run_artifacts where workspace_id = ${workspaceId}
    union all select 'model ' || model_id, path, sha256, size_bytes::text
      from logged_model_artifacts where workspace_id = ${workspaceId}
    union all select 'version ' || version_id, path, sha256, size_bytes::text
      from model_version_artifacts where workspace_id = ${workspaceId}
    order by 1, 2`);
  return rows;
}

/** undefined: the bytes cannot be read. */
async function holdsText(
  ctx: Context,
  sha256: string,
  expression: RegExp,
): Promise<boolean | undefined> {
  try {
    const decoder = new StringDecoder("utf8");
    let tail = "";
    for await (const chunk of await ctx.ports.objects.get(ctx.workspaceId, sha256)) {
      const text = tail + decoder.write(chunk as Buffer);
      expression.lastIndex = 0;
      if (expression.test(text)) return true;
      tail = text.slice(-OVERLAP);
    }
    return false;
  } catch {
    return undefined;
  }
}
