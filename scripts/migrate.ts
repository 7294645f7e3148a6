import { migrateDatabase } from "@/db/migrate";
import { env } from "@/env";
import { loadSecret, runMain } from "@/server/boot";

/** `npm run db:migrate`: DATABASE_URL must name a role that may create roles and tables. */
runMain(async () => {
  const settings = env();
  if (!settings.DATABASE_URL) {
    throw new Error(
      "Set DATABASE_URL to the database to migrate; the embedded one migrates at start.",
    );
  }
  await migrateDatabase(settings.DATABASE_URL, await loadSecret(settings), "db");
  process.stdout.write("The database has the present schema.\n");
});
