import { parseArgs } from "node:util";
import { EnvError } from "@/env";
import { runMain } from "@/server/boot";
import { exportSubject, knownAccounts } from "@/server/privacy";
import { openInstallation } from "./keys/open-installation";

const USAGE = "npm run -s privacy:export -- <subject> [--field <name of an input>]";

/** Prints all that the installation stores about a subject, one JSON object a line. */
runMain(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { field: { type: "string", multiple: true } },
  });
  const [subject] = positionals;
  if (!subject || positionals.length > 1) throw new EnvError(`Usage: ${USAGE}`);
  const { runtime, workspaces } = await openInstallation();
  try {
    const known = await knownAccounts(runtime.db.pool, subject);
    for (const { table, record } of known.records) {
      process.stdout.write(`${JSON.stringify({ table, workspace: null, record })}\n`);
    }
    for (const { id } of workspaces) {
      const ctx = runtime.jobContext(id, "privacy:export");
      const fields = values.field ?? [];
      for await (const lines of await exportSubject(ctx, { subject, fields }, known)) {
        process.stdout.write(lines);
      }
    }
  } finally {
    await runtime.close();
  }
});
