import { and, eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { externalModels, modelVersionArtifacts } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { VersionRow } from "../internal";
import type { VersionArtifact } from "../schemas";
import { type LoggedArchive, loggedArchive } from "../sources/logged-archive";
import { type LoggedOnnx, loggedOnnx } from "../sources/logged-onnx";
import { readLogged } from "../sources/read-logged";

/** Where the tensors of a version come from. */
export type ModelOf =
  | { kind: "file"; file: VersionArtifact }
  | { kind: "logged"; onnx: LoggedOnnx }
  | ({ kind: "archive" } & Pick<LoggedArchive, "file" | "said">)
  | { kind: "elsewhere" }
  | { kind: "none" };

/** Finds what a version's signature is about, in the transaction of whoever asks. */
async function storedModelOf(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  version: VersionRow,
): Promise<ModelOf> {
  const { path, kind, sha256, sizeBytes } = modelVersionArtifacts;
  const [file] = await tx
    .select({ path, kind, sha256, sizeBytes })
    .from(modelVersionArtifacts)
    .where(
      and(
        eq(modelVersionArtifacts.workspaceId, ctx.workspaceId),
        eq(modelVersionArtifacts.versionId, version.id),
        eq(modelVersionArtifacts.kind, "model"),
      ),
    );
  if (file) return { kind: "file", file };
  const [external] = await tx
    .select({ url: externalModels.url })
    .from(externalModels)
    .where(
      and(
        eq(externalModels.workspaceId, ctx.workspaceId),
        eq(externalModels.versionId, version.id),
      ),
    );
  return { kind: external ? "elsewhere" : "none" };
}

/** The same, with the ONNX file or archive that an MLflow client may have logged; `read` runs a transaction. */
export async function modelOf(
  ctx: Context,
  version: VersionRow,
  read: <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>,
): Promise<ModelOf> {
  const stored = await read((tx) => storedModelOf(tx, ctx, version));
  if (stored.kind !== "none") return stored;
  const logged = await readLogged(ctx, { model: version.modelId, versionId: version.id });
  const onnx = loggedOnnx(logged);
  if (onnx) return { kind: "logged", onnx };
  const archive = loggedArchive(logged);
  return archive ? { kind: "archive", file: archive.file, said: archive.said } : stored;
}
