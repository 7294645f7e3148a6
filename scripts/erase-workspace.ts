import { eraseWorkspace } from "@/server/artifacts";
import { runMain } from "@/server/boot";
import { openInstallation, showProgress, workspaceNamed } from "./keys/open-installation";

/**
 * `npm run keys:erase-workspace -- <workspace> --confirm=<workspace>`: destroys the keys of a
 * workspace, so that no artifact of it opens ever again, then removes the bytes. Interrupted, it goes
 * on with the next call. Prints what is left, which is nothing.
 */
runMain(async () => {
  const installation = await openInstallation();
  const { runtime } = installation;
  const usage = "npm run keys:erase-workspace -- <workspace> --confirm=<workspace>";
  const named = process.argv.find((word) => word === `--confirm=${process.argv[2]}`);
  const { id, slug } = workspaceNamed(installation, named && process.argv[2], usage);
  const ctx = runtime.jobContext(id, "keys:erase-workspace");
  const report = await eraseWorkspace(ctx, runtime.blobs, (what, done) =>
    showProgress(`${done} ${what}`),
  );
  const { workspaceKeys, objectKeys, blobs } = report.left;
  process.stdout.write(
    `\nThe artifacts of ${slug} are erased: ${report.keysDestroyed} keys destroyed, ` +
      `${report.blobsRemoved} blobs and ${report.objectKeysRemoved} object keys removed.\n` +
      `Left: ${workspaceKeys} keys, ${objectKeys} object keys, ${blobs} blobs.\n` +
      "Backups of the database still hold the wrapped keys until they age out.\n",
  );
  await runtime.close();
  if (workspaceKeys + objectKeys + blobs > 0) process.exitCode = 1;
});
