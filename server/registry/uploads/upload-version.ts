import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requireGrant, requirePermission } from "@/server/access";
import { storeObject } from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";
import { getModelInWorkspace } from "../internal";
import { registerVersion } from "../register-version";
import { modelRef, type VersionDto } from "../schemas";
import { followedBy } from "../sources/store-logged";
import { checkFile } from "./check-file";
import { MODEL_BYTES_MAX } from "./constants";
import { receiveModel } from "./receive-model";
import { uploadFields } from "./schemas";

/**
 * Registers an ONNX file or a PyTorch archive that somebody sends as the model's next version, deployable like a trained
 * one. Throws not_found, payload_too_large, validation_failed when no inference node would load it.
 */
export async function uploadVersion(
  ctx: Context,
  input: z.input<typeof modelRef>,
  incoming: IncomingMessage,
): Promise<VersionDto> {
  requirePermission(ctx, "models:write");
  const ref = modelRef.parse(input);
  // Before a byte is read; registering asks again, since the upload may take long.
  const modelId = await withWorkspace(ctx, async (tx) => {
    const { id } = await getModelInWorkspace(tx, ctx, ref.model);
    await requireGrant(tx, ctx, { on: { modelId: id }, action: "write" });
    return id;
  });
  const { objects } = ctx.ports;
  const received = await receiveModel(incoming, (content) =>
    objects.put(ctx.workspaceId, content, MODEL_BYTES_MAX),
  );
  const { features, classes, outputs, image, signature, inputExample, task, target, ...facts } =
    uploadFields.parse(received.fields);
  // What is refused stays unnamed in the store and is collected.
  const content = () => objects.get(ctx.workspaceId, received.stored.sha256);
  const checked = await checkFile(ctx, received.stored, {
    target,
    ...(outputs ? { outputs } : {}),
    ...(image ? { image } : {}),
    ...(task ? { task } : {}),
    ...(features ? { features } : {}),
    ...(classes ? { classes } : {}),
    ...(signature ? { signature } : {}),
    ...(inputExample ? { inputExample } : {}),
  });
  const { sha256, sizeBytes } =
    checked.suffix.length === 0
      ? received.stored
      : await objects.put(
          ctx.workspaceId,
          Readable.from(followedBy(await content(), checked.suffix)),
          MODEL_BYTES_MAX,
        );
  await withWorkspace(ctx, (tx) => storeObject(tx, ctx, { sha256, sizeBytes }));
  return registerVersion(ctx, {
    ...facts,
    modelId,
    trainingJobId: null,
    task: checked.signature.task,
    signature: checked.signature,
    inputExample: inputExample ?? null,
    environment: {
      origin: "upload",
      uploadSha256: received.stored.sha256,
      exampleAnswer: checked.exampleAnswer,
    },
    parity: null,
    seed: null,
    durationSeconds: null,
    artifacts: [{ path: checked.path, kind: "model", sha256, sizeBytes }],
  });
}
