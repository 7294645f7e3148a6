import { and, type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { models, modelVersions } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { type Comparison, MODEL_VERSION_LANGUAGE, type Order, testSql } from "@/server/experiments";
import type { Context } from "@/server/kernel/context";
import { encodeCursor, type Page } from "@/server/kernel/paging";
import { PROMPT_TAG } from "../sources/prompt-tag";
import {
  selectVersions,
  toRegisteredVersions,
  type VersionListRow,
  versionRun,
} from "./load-versions";
import { readSearch } from "./read-search";
import { type RegisteredVersionDto, searchInput } from "./schemas";
import { keysetOf, type SortKey } from "./sort-keys";

const v = modelVersions;

const tagValue = (key: string): SQL => sql`(
  select t.value from model_version_tags t
  where t.workspace_id = ${v.workspaceId} and t.version_id = ${v.id} and t.key = ${key})`;

const ms = (column: SQL) => sql`(extract(epoch from ${column}) * 1000)::float8`;

const ATTRIBUTES: Record<string, SQL> = {
  name: sql`${models.name}`,
  version_number: sql`${v.number}`,
  run_id: sql`${versionRun}`,
  source_path: sql`${v.source}`,
  creation_timestamp: ms(sql`${v.createdAt}`),
  last_updated_timestamp: ms(sql`${v.updatedAt}`),
};

/** Characters of a tag's value that its index holds. */
const HEAD = 128;

/** A version has the tag with one of these values; null when a comparison asks otherwise. */
function taggedWith(comparison: Comparison): SQL | null {
  const { entity, key } = comparison.field;
  const values = entity === "tag" ? valuesOf(comparison) : null;
  // A version without the tag of prompts has it as false.
  if (!values || (key === PROMPT_TAG && values.includes("false"))) return null;
  const heads = values.map((value) => [...value].slice(0, HEAD).join(""));
  return sql`${v.id} in (select t.version_id from model_version_tags t
    where t.workspace_id = ${v.workspaceId} and t.key = ${key}
      and t.value_head = any(${sql.param(heads)}::text[])
      and t.value = any(${sql.param(values)}::text[]))`;
}

function versionTest(comparison: Comparison): SQL {
  const { entity, key } = comparison.field;
  const tagged = taggedWith(comparison);
  if (tagged) return tagged;
  const found = entity === "tag" ? tagValue(key) : (ATTRIBUTES[key] ?? sql`null`);
  // A version without the tag is no prompt.
  const value = key === PROMPT_TAG ? sql`coalesce(${found}, 'false')` : found;
  if (comparison.kind === "null") return testSql(value, comparison);
  // Names and numbers are never null, and bare they can use an index.
  const certain = entity === "attribute" && (key === "name" || key === "version_number");
  const test = testSql(value, comparison);
  if (certain) return test;
  const runs = entity === "attribute" && key === "run_id" ? valuesOf(comparison) : null;
  return runs ? madeByAny(runs) : sql`coalesce(${test}, false)`;
}

/** The values a comparison asks for by name; null when it asks otherwise. */
function valuesOf(comparison: Comparison): readonly string[] | null {
  if (comparison.kind === "text" && comparison.operator === "=") return [comparison.value];
  return comparison.kind === "list" && comparison.operator === "IN" ? comparison.values : null;
}

/** `versionRun` is one of `runs`, spelled so that each half finds its index; never null. */
function madeByAny(runs: readonly string[]): SQL {
  const ours = runs.filter((run) => /^[0-9a-f]{32}$/.test(run));
  return sql`((${v.sourceRun} is not null and ${v.sourceRun} = any(${sql.param(runs)}::text[]))
    or (${v.sourceRun} is null and ${v.runId} is not null and ${v.runId} = any(${sql.param(ours)}::uuid[])))`;
}

type VersionKey = Omit<SortKey<VersionListRow>, "ascending">;

const KEYS = {
  name: { value: sql`${models.name} collate "C"`, type: "text", keyOf: (row) => row.modelName },
  version_number: { value: sql`${v.number}`, type: "int", keyOf: (row) => row.number },
  creation_timestamp: {
    value: sql`${v.createdAt}`,
    type: "timestamptz",
    keyOf: (row) => row.createdAt.toISOString(),
  },
  last_updated_timestamp: {
    value: sql`${v.updatedAt}`,
    type: "timestamptz",
    keyOf: (row) => row.updatedAt.toISOString(),
  },
} satisfies Record<string, VersionKey>;

const isKey = (name: string): name is keyof typeof KEYS => Object.hasOwn(KEYS, name);

/** Newest change first unless told otherwise; name and number make every sort a whole one. */
function sortKeys(orders: readonly Order[]): SortKey<VersionListRow>[] {
  const given = orders.flatMap(({ field, ascending }) =>
    isKey(field.key) ? [{ name: field.key, ascending }] : [],
  );
  const first = given.length > 0 ? given : [{ name: "last_updated_timestamp", ascending: false }];
  const rest = [
    { name: "name", ascending: true },
    { name: "version_number", ascending: false },
  ].filter(({ name }) => !first.some((one) => one.name === name));
  return [...first, ...rest].flatMap(({ name, ascending }) =>
    isKey(name) ? [{ ...KEYS[name], ascending }] : [],
  );
}

/**
 * Versions of all models by filter; a page by keyset. Prompts are hidden unless the filter names
 * their tag. Throws validation_failed for a filter that cannot be read.
 */
export async function searchRegisteredVersions(
  ctx: Context,
  input: z.input<typeof searchInput>,
): Promise<Page<RegisteredVersionDto>> {
  requirePermission(ctx, "models:read");
  const query = searchInput.parse(input);
  const { where, orders, namesPrompts } = readSearch(query, MODEL_VERSION_LANGUAGE, versionTest);
  const keys = sortKeys(orders);
  const page = keysetOf(keys, query.cursor);
  const notPrompt = sql`not exists (
    select 1 from model_version_tags t where t.workspace_id = ${v.workspaceId}
      and t.version_id = ${v.id} and t.key = ${PROMPT_TAG} and lower(t.value) = 'true')`;
  return withWorkspace(ctx, async (tx) => {
    const rows = await selectVersions(tx, ctx, {
      where: and(where, namesPrompts ? undefined : notPrompt, page.where),
      orderBy: page.orderBy,
      limit: query.limit + 1,
    });
    const shown = rows.slice(0, query.limit);
    const last = rows.length > query.limit ? shown.at(-1) : undefined;
    return {
      items: await toRegisteredVersions(tx, ctx, shown),
      nextCursor: last ? encodeCursor(keys.map(({ keyOf }) => keyOf(last))) : null,
    };
  });
}
