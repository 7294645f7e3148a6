import { parseArgs } from "node:util";
import { openDatabase } from "@/db/client";
import { env } from "@/env";
import {
  checkpointFolder,
  decodeVerifier,
  encodeVerifier,
  loadSigner,
  type VerifiedWorkspace,
  verifyAgainstCheckpoints,
  writeCheckpoint,
} from "@/server/audit";
import { homeFolders, runMain } from "@/server/boot";
import { installationDatabase } from "./installation";

/**
 * `npm run audit:verify [-- <workspace>] [--verifier <text>] [--checkpoint]`: walks the audit chains,
 * holds them against their signed checkpoints and names the first broken row. Ends with 1 when one
 * is broken. `--checkpoint` signs where the whole chains stand, as the worker does every hour.
 */
runMain(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { verifier: { type: "string" }, checkpoint: { type: "boolean" } },
  });
  const folder = checkpointFolder(homeFolders(env()).home);
  const verifier = values.verifier ? decodeVerifier(values.verifier) : await loadSigner(folder);
  const db = openDatabase((await installationDatabase()).url, 2);
  try {
    const { rows } = await db.pool.query<{ id: string; slug: string }>(
      "select id, slug from list_workspaces()",
    );
    const [wanted] = positionals;
    const chosen = rows.filter(({ id, slug }) => !wanted || wanted === id || wanted === slug);
    if (chosen.length === 0) throw new Error(`There is no workspace ${wanted ?? ""}.`);
    process.stdout.write(`Verifier ${encodeVerifier(verifier)}\n`);
    for (const { id, slug } of chosen) {
      const scope = { db, workspaceId: id, slug };
      const verified = await verifyAgainstCheckpoints(scope, folder, verifier);
      tell(verified);
      if (verified.broken) process.exitCode = 1;
      else if (values.checkpoint)
        await writeCheckpoint(folder, { ...scope, now: () => new Date() });
    }
  } finally {
    await db.pool.end();
  }
});

function tell({ slug, rows, broken, checkpoints, head }: VerifiedWorkspace): void {
  process.stdout.write(
    broken
      ? `✗ ${slug}: row ${broken.seq} is broken: ${broken.reason}\n`
      : `✓ ${slug}: ${rows} rows, ${checkpoints} checkpoints, head ${head.slice(0, 16) || "empty"}\n`,
  );
}
