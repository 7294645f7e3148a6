import { migrateDatabase } from "@/db/migrate";
import { env } from "@/env";
import { loadSecret, runMain } from "@/server/boot";
import { bootstrapDatabase } from "@/server/supervisor/bootstrap";

/**
 * `npm run db:migrate`: DATABASE_URL must name a role that may create roles and tables. An empty
 * database also gets the workspace `default`, its administrator and MODELYARD_ADMIN_KEY, for roles
 * that are started one by one.
 */
runMain(async () => {
  const settings = env();
  if (!settings.DATABASE_URL) {
    throw new Error(
      "Set DATABASE_URL to the database to migrate; the embedded one migrates at start.",
    );
  }
  const url = settings.DATABASE_URL.reveal();
  await migrateDatabase(url, await loadSecret(settings), "db");
  const { signInToken } = await bootstrapDatabase(url, settings.MODELYARD_ADMIN_KEY?.reveal());
  const address = settings.MODELYARD_URL ?? `http://${settings.HOST}:${settings.PORT}`;
  process.stdout.write(
    "The database has the present schema.\n" +
      `Sign in once, as the first administrator: ${address}/signin/link?token=${signInToken}\n`,
  );
});
