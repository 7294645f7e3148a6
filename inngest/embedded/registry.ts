import type { PoolClient } from "pg";
import { type Queryable, rows } from "./database";
import type { EventTrigger, FunctionSpec } from "./types";
import { readFunctionConfig } from "./validate-config";

/** The registered functions at one revision. */
export class Registry {
  constructor(
    readonly revision: number,
    private readonly specs: FunctionSpec[],
  ) {}

  get isEmpty(): boolean {
    return this.specs.length === 0;
  }

  get(functionId: string): FunctionSpec | undefined {
    return this.specs.find((spec) => spec.id === functionId);
  }

  /** Functions and triggers that listen to an event name; `*` at the end of a trigger is a prefix. */
  listeners(name: string): { spec: FunctionSpec; trigger: EventTrigger }[] {
    return this.specs.flatMap((spec) =>
      spec.events
        .filter((trigger) => matchesName(trigger.event, name))
        .map((trigger) => ({ spec, trigger })),
    );
  }
}

function matchesName(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

/** Keeps the registry in memory and reloads it when its revision moved. */
export class RegistryCache {
  private cached = new Registry(-1, []);

  async load(db: Queryable): Promise<Registry> {
    const [row] = await rows<{ revision: string }>(db, REVISION, []);
    const revision = Number(row?.revision ?? 0);
    if (revision !== this.cached.revision) {
      const functions = await rows<{ app_id: string; config: unknown }>(db, ACTIVE, []);
      const specs = functions.map((each) => readFunctionConfig(each.app_id, each.config));
      this.cached = new Registry(revision, specs);
    }
    return this.cached;
  }
}

const REVISION = {
  name: "inngest_revision",
  text: "SELECT coalesce(max(revision), 0) AS revision FROM inngest.functions",
};

const ACTIVE = {
  name: "inngest_functions",
  text: "SELECT app_id, config FROM inngest.functions WHERE active ORDER BY id",
};

/** Serializes registrations, so that revisions grow in commit order. */
export const LOCK_REGISTRY = "SELECT pg_advisory_xact_lock(7264010)";

/**
 * Writes the configurations of one app; functions it no longer serves become inactive.
 * The caller holds LOCK_REGISTRY. Answers the ids that are new or changed.
 */
export async function saveFunctions(
  tx: PoolClient,
  appId: string,
  configs: { id: string }[],
): Promise<string[]> {
  const { rows: changed } = await tx.query<{ id: string }>(
    `WITH next AS (SELECT coalesce(max(revision), 0) + 1 AS revision FROM inngest.functions),
     gone AS (
       UPDATE inngest.functions f SET active = false, revision = next.revision FROM next
       WHERE f.app_id = $1 AND f.active AND NOT f.id = ANY($2))
     INSERT INTO inngest.functions AS f (id, app_id, revision, config, active)
     SELECT c->>'id', $1, next.revision, c, true FROM next, json_array_elements($3::json) AS c
     ON CONFLICT (id) DO UPDATE SET app_id = excluded.app_id, revision = excluded.revision,
       config = excluded.config, active = true
     WHERE NOT f.active OR f.app_id <> excluded.app_id OR f.config::text <> excluded.config::text
     RETURNING f.id`,
    [appId, configs.map((config) => config.id), JSON.stringify(configs)],
  );
  return changed.map((row) => row.id);
}
