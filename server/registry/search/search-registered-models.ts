import { and, eq, isNull, type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { models } from "@/db/schema";
import { requirePermission } from "@/server/access";
import {
  type Comparison,
  type Order,
  REGISTERED_MODEL_LANGUAGE,
  testSql,
} from "@/server/experiments";
import type { Context } from "@/server/kernel/context";
import { encodeCursor, type Page } from "@/server/kernel/paging";
import type { ModelRow } from "../internal";
import { PROMPT_TAG } from "../sources/prompt-tag";
import { toRegisteredModels } from "./load-models";
import { readSearch } from "./read-search";
import { type RegisteredModelDto, searchInput } from "./schemas";
import { keysetOf, type SortKey } from "./sort-keys";

/** A model without the tag is no prompt. */
const tagValue = (key: string): SQL =>
  key === PROMPT_TAG
    ? sql`coalesce(${models.tags} ->> ${key}, 'false')`
    : sql`(${models.tags} ->> ${key})`;

const ms = (column: SQL) => sql`(extract(epoch from ${column}) * 1000)::float8`;

const ATTRIBUTES: Record<string, SQL> = {
  name: sql`${models.name}`,
  creation_timestamp: ms(sql`${models.createdAt}`),
  last_updated_timestamp: ms(sql`${models.updatedAt}`),
};

function modelTest(comparison: Comparison): SQL {
  const { entity, key } = comparison.field;
  if (entity !== "tag") return testSql(ATTRIBUTES[key] ?? sql`null`, comparison);
  const value = tagValue(key);
  if (comparison.kind === "null") return testSql(value, comparison);
  return sql`coalesce(${testSql(value, comparison)}, false)`;
}

const NAME: Omit<SortKey<ModelRow>, "ascending"> = {
  value: sql`${models.name} collate "C"`,
  type: "text",
  keyOf: (row) => row.name,
};
const KEYS: Record<string, Omit<SortKey<ModelRow>, "ascending">> = {
  name: NAME,
  creation_timestamp: {
    value: sql`${models.createdAt}`,
    type: "timestamptz",
    keyOf: (row) => row.createdAt.toISOString(),
  },
  last_updated_timestamp: {
    value: sql`${models.updatedAt}`,
    type: "timestamptz",
    keyOf: (row) => row.updatedAt.toISOString(),
  },
};

function sortKeys(orders: readonly Order[]): SortKey<ModelRow>[] {
  const keys = orders.map(({ field, ascending }) => ({ ...(KEYS[field.key] ?? NAME), ascending }));
  const named = orders.some(({ field }) => field.key === "name");
  return named ? keys : [...keys, { ...NAME, ascending: true }];
}

/**
 * Models by filter, sorted by name unless told otherwise; a page by keyset. Prompts are hidden
 * unless the filter names their tag. Throws validation_failed for a filter that cannot be read.
 */
export async function searchRegisteredModels(
  ctx: Context,
  input: z.input<typeof searchInput>,
): Promise<Page<RegisteredModelDto>> {
  requirePermission(ctx, "models:read");
  const query = searchInput.parse(input);
  const { where, orders, namesPrompts } = readSearch(query, REGISTERED_MODEL_LANGUAGE, modelTest);
  const keys = sortKeys(orders);
  const page = keysetOf(keys, query.cursor);
  return withWorkspace(ctx, async (tx) => {
    const rows = await tx
      .select()
      .from(models)
      .where(
        and(
          eq(models.workspaceId, ctx.workspaceId),
          isNull(models.deletedAt),
          where,
          namesPrompts ? undefined : sql`lower(${tagValue(PROMPT_TAG)}) <> 'true'`,
          page.where,
        ),
      )
      .orderBy(...page.orderBy)
      .limit(query.limit + 1);
    const shown = rows.slice(0, query.limit);
    const last = rows.length > query.limit ? shown.at(-1) : undefined;
    return {
      items: await toRegisteredModels(tx, ctx, shown),
      nextCursor: last ? encodeCursor(keys.map(({ keyOf }) => keyOf(last))) : null,
    };
  });
}
