import type { Database } from "@/db/client";

export interface Statement {
  text: string;
  values: unknown[];
}

/** The database with every statement of its connections written down; what a caller does is not changed. */
export function recordStatements(db: Database): { db: Database; statements: Statement[] } {
  const statements: Statement[] = [];
  const record = (query: unknown, values: unknown) => {
    const given = typeof query === "string" ? { text: query } : (query as Partial<Statement>);
    const own = Array.isArray(values) ? values : given.values;
    statements.push({ text: String(given.text), values: own ?? [] });
  };
  const pool = new Proxy(db.pool, {
    get(target, name) {
      if (name !== "connect") return Reflect.get(target, name, target);
      return async () => {
        const client = await target.connect();
        return new Proxy(client, {
          get(inner, key) {
            const value = Reflect.get(inner, key, inner);
            if (typeof value !== "function") return value;
            return (...args: unknown[]) => {
              if (key === "query") record(args[0], args[1]);
              return value.apply(inner, args);
            };
          },
        });
      };
    },
  });
  return { db: { pool }, statements };
}
