import { parseArgs } from "node:util";
import { EnvError, env } from "@/env";
import { homeFolders, runMain } from "@/server/boot";
import { eraseEverywhere } from "@/server/privacy";
import { openInstallation } from "./keys/open-installation";

const USAGE =
  "npm run privacy:erase -- <subject> [--field <name of an input>] --yes (without --yes it only counts)";

/**
 * Erases what is stored about a subject in every workspace of the installation. Prints a proof a
 * line; ends with 1 when something is left.
 */
runMain(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { yes: { type: "boolean" }, field: { type: "string", multiple: true } },
  });
  const [subject] = positionals;
  if (!subject || positionals.length > 1) throw new EnvError(`Usage: ${USAGE}`);
  const { runtime, workspaces } = await openInstallation();
  try {
    const { proofs, folders } = await eraseEverywhere(
      workspaces.map(({ id, slug }) => ({ slug, ctx: runtime.jobContext(id, "privacy:erase") })),
      { subject, fields: values.field ?? [], dryRun: !values.yes },
      homeFolders(env()).training,
    );
    for (const { slug, proof } of proofs) {
      process.stdout.write(`${JSON.stringify({ workspace: slug, ...proof })}\n`);
    }
    process.stdout.write(`${JSON.stringify({ trainingFolder: folders })}\n`);
    if (!values.yes) {
      process.stderr.write("Nothing was changed. Repeat with --yes to erase.\n");
      return;
    }
    const isClean = proofs.every(({ proof }) => proof.state === "complete");
    if (!isClean || folders.left.length > 0) process.exitCode = 1;
  } finally {
    await runtime.close();
  }
});
