import { rotateWorkspaceKey } from "@/server/artifacts";
import { runMain } from "@/server/boot";
import { openInstallation, showProgress, workspaceNamed } from "./keys/open-installation";

/**
 * `npm run keys:rotate-workspace -- <workspace>`: a new key for a workspace, every object key wrapped
 * anew under it, the old one destroyed. The product may run meanwhile. Interrupted, it goes on with
 * the next call.
 */
runMain(async () => {
  const installation = await openInstallation();
  const { runtime, keyring } = installation;
  const usage = "npm run keys:rotate-workspace -- <workspace>";
  const { id, slug } = workspaceNamed(installation, process.argv[2], usage);
  const ctx = runtime.jobContext(id, "keys:rotate-workspace");
  const done = await rotateWorkspaceKey(ctx, keyring, (progress) =>
    showProgress(`${progress.done} of ${progress.total} object keys`),
  );
  process.stdout.write(
    `\nThe workspace ${slug} has a new key; ${done} object keys lie under it.\n`,
  );
  await runtime.close();
});
