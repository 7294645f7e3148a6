import { announceChange } from "@/server/kernel/announce-change";
import { signatureUsers } from "@/server/registry";
import { announceRouting, recordEvent } from "./record-event";
import { servingVersions } from "./serving-versions";

/** More deployments of one version are neither named nor told. */
const USERS_MAX = 100;

/** Gateways follow a signature at once; nodes keep the tensors they have. */
signatureUsers.push({
  uses: async (tx, ctx, { id }) =>
    (await servingVersions(tx, ctx, [id]).limit(USERS_MAX)).map(({ name }) => name),
  changed: async (tx, ctx, version, { revision, note, sentences }) => {
    const found = await servingVersions(tx, ctx, [version.id]).limit(USERS_MAX);
    const shown = sentences.slice(0, 5).join(" ");
    for (const { id } of found) {
      await recordEvent(tx, ctx, {
        deploymentId: id,
        kind: "settings_changed",
        versionId: version.id,
        message: `The signature of version ${version.number} is at revision ${revision}. ${shown}`,
        comment: note,
      });
      await announceChange(tx, ctx, "deployments", id);
    }
    if (found.length > 0) await announceRouting(tx, ctx);
  },
});
