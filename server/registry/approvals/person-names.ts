import { and, eq, inArray } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { apiKeys, users } from "@/db/schema";
import type { Context } from "@/server/kernel/context";

/** Answers `user:<id>`, `key:<id>` and `job` with the names they have today. */
export type Naming = (key: string) => { key: string; name: string };

/** Looks the names up at once; people who left have none here any more. */
export async function loadNames(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  keys: readonly string[],
): Promise<Naming> {
  const idsOf = (prefix: string) => [
    ...new Set(keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length))),
  ];
  const [people, machines] = [idsOf("user:"), idsOf("key:")];
  const found = [
    ...(people.length === 0
      ? []
      : await tx
          .select({ id: users.id, name: users.name })
          .from(users)
          .where(inArray(users.id, people))),
    ...(machines.length === 0
      ? []
      : await tx
          .select({ id: apiKeys.id, name: apiKeys.name })
          .from(apiKeys)
          .where(and(eq(apiKeys.workspaceId, ctx.workspaceId), inArray(apiKeys.id, machines)))),
  ];
  const names = new Map(found.map(({ id, name }) => [id, name]));
  return (key) => ({ key, name: nameOf(key, names) });
}

function nameOf(key: string, names: ReadonlyMap<string, string>): string {
  const [kind, id = ""] = key.split(":", 2);
  if (kind === "job") return "Modelyard";
  return names.get(id) ?? (kind === "key" ? "Deleted key" : "Former member");
}
