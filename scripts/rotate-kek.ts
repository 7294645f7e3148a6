import { rotateKek } from "@/server/artifacts";
import { runMain } from "@/server/boot";
import { openInstallation, showProgress } from "./keys/open-installation";

/**
 * `npm run keys:rotate-kek`: wraps every workspace key anew under MODELYARD_KEK (or the secret).
 * Set the new value on all processes first, the earlier one in MODELYARD_KEK_PREVIOUS. Interrupted,
 * it goes on with the next call.
 */
runMain(async () => {
  const { runtime, keyring, workspaces } = await openInstallation();
  let wrapped = 0;
  // A process that still runs with the earlier key may add one meanwhile: until a round finds none.
  for (let round = 1, found = 1; found > 0; round += 1) {
    found = 0;
    for (const [index, { id, slug }] of workspaces.entries()) {
      found += await rotateKek(runtime.jobContext(id, "keys:rotate-kek"), keyring);
      showProgress(`round ${round}: ${index + 1} of ${workspaces.length} workspaces, at ${slug}`);
    }
    wrapped += found;
  }
  process.stdout.write(
    `\n${wrapped} workspace keys were wrapped anew; all are under the key ${keyring.currentId} now.\n` +
      "MODELYARD_KEK_PREVIOUS can go once every process has been restarted.\n",
  );
  await runtime.close();
});
