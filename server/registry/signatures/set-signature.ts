import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { signatureSchema } from "@/server/protocols/open-inference/codec";
import {
  getModelInWorkspace,
  getVersionInWorkspace,
  type ModelRow,
  toVersionDto,
  type VersionRow,
} from "../internal";
import { attachedPath, formatOf } from "../model-format";
import type { VersionDto } from "../schemas";
import { attachOnnx } from "../sources/attach-onnx";
import { storeLogged } from "../sources/store-logged";
import { loadStages } from "../stages/internal";
import { checkArchive } from "../uploads/check-archive";
import { checkFile } from "../uploads/check-file";
import { compareSignatures } from "./compare-signatures";
import { type ModelOf, modelOf } from "./internal";
import { judgeChange } from "./judge-change";
import { type SignatureChange, setSignatureInput } from "./schemas";
import { signatureUsers } from "./signature-users";
import { writeSignature } from "./write-signature";

type Values = z.output<typeof setSignatureInput>;
/** A file that can be served; ONNX without a path. */
interface Deployable {
  sha256: string;
  sizeBytes: number;
  path?: string;
}
type Read = <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>;

/**
 * Gives a version another signature, checked against its file as a node loads it; running deployments
 * follow at once. The first one of a logged ONNX file or PyTorch archive makes it deployable. The same signature changes
 * nothing. Throws not_found, validation_failed where the file does not answer to it, conflict as
 * judgeChange says and where somebody changed it since `baseRevision`.
 */
export async function setSignature(
  ctx: Context,
  input: z.input<typeof setSignatureInput>,
): Promise<VersionDto> {
  requirePermission(ctx, "models:write");
  const values = setSignatureInput.parse(input);
  const read: Read = (work) => withWorkspace(ctx, work);
  const seen = await read(async (tx) => {
    const found = await load(tx, ctx, values);
    const changes = await judge(tx, ctx, found.version, values);
    return { ...found, changes };
  });
  if (seen.changes.length === 0) return toVersionDto(seen.version, seen.model.name);
  const found = await modelOf(ctx, seen.version, read);
  const deployable = await checkModelOf(ctx, found, values);
  return read(async (tx) => {
    const { model, version } = await load(tx, ctx, values, true);
    const isFirst = version.signature === null;
    const isSame = version.signatureRevision === seen.version.signatureRevision;
    if (!isSame || isFirst !== (seen.version.signature === null)) throw changed(version);
    const changes = await judge(tx, ctx, version, values);
    if (isFirst && deployable) {
      const { path, ...file } = deployable;
      const named = path === undefined ? { file } : { file, path };
      const facts = { ...named, signature: values.signature, parity: null, inputExample: null };
      await attachOnnx(tx, ctx, version.id, facts);
    }
    const row = await writeSignature(tx, ctx, version, values);
    const told = {
      revision: row.signatureRevision,
      note: values.note,
      sentences: changes.map(({ sentence }) => sentence),
    };
    await recordAudit(tx, ctx, {
      action: "version.signature_changed",
      subjectType: "version",
      subjectId: version.id,
      before: { revision: isFirst ? null : version.signatureRevision },
      after: told,
    });
    if (!isFirst) for (const user of signatureUsers) await user.changed(tx, ctx, row, told);
    await announceChange(tx, ctx, "registry", model.id);
    return toVersionDto(row, model.name);
  });
}

async function load(
  tx: Transaction,
  ctx: Context,
  { model: ref, version: which, baseRevision }: Values,
  lock = false,
): Promise<{ model: ModelRow; version: VersionRow }> {
  const model = await getModelInWorkspace(tx, ctx, ref, lock);
  await requireGrant(tx, ctx, { on: { modelId: model.id }, action: "write" });
  const version = await getVersionInWorkspace(tx, ctx, model, which);
  if (baseRevision !== undefined && baseRevision !== version.signatureRevision) {
    throw changed(version);
  }
  return { model, version };
}

const changed = ({ signatureRevision }: VersionRow) =>
  new AppError(
    "conflict",
    `The signature is at revision ${signatureRevision}: somebody changed it meanwhile.`,
    { revision: signatureRevision },
  );

/** What would change, once that is allowed; a version without a signature gets its first. */
async function judge(
  tx: Transaction,
  ctx: Context,
  version: VersionRow,
  { signature, acceptBreaking }: Values,
): Promise<SignatureChange[]> {
  if (version.signature === null) return [{ kind: "notes", sentence: "It is the first one." }];
  const changes = compareSignatures(signatureSchema.parse(version.signature), signature);
  const uses: string[] = [];
  for (const user of signatureUsers) uses.push(...(await user.uses(tx, ctx, version)));
  const stage = (await loadStages(tx, ctx)).find(({ key }) => key === version.stage);
  judgeChange({
    changes,
    uses,
    approvedStage: stage?.needsApproval ? stage.name : null,
    runsElsewhere: (version.environment as { origin?: unknown }).origin === "external",
    acceptBreaking,
  });
  return changes;
}

/**
 * Has the file answer to the signature as a node would; a server elsewhere is not asked, since of its
 * tensors nothing changes. Answers the deployable file that a logged one becomes.
 */
async function checkModelOf(
  ctx: Context,
  found: ModelOf,
  { signature, outputs }: Values,
): Promise<Deployable | null> {
  if (found.kind === "none") {
    throw new AppError(
      "conflict",
      "The version has no ONNX file. A native model gets its signature when it is converted.",
    );
  }
  const hints = { target: signature.target.name, signature };
  if (found.kind === "file" || found.kind === "archive") {
    const format = formatOf(found.file.path);
    if (format) await checkArchive(ctx, found.file, hints, format);
    else await checkFile(ctx, found.file, hints);
  }
  if (found.kind === "archive") {
    const { sha256, sizeBytes } = found.file;
    return { sha256, sizeBytes, path: attachedPath("pt2") };
  }
  if (found.kind !== "logged") return null;
  return storeLogged(ctx, found.onnx, outputs ? { ...hints, outputs } : hints);
}
