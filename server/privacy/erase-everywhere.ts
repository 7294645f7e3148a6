import { randomBytes } from "node:crypto";
import type { Context } from "@/server/kernel/context";
import { type ErasedFolders, eraseFolders } from "./erase-folders";
import { eraseSubject } from "./erase-subject";
import { knownAccounts } from "./known-accounts";
import { makeTerm } from "./policy";
import { type ErasureDto, eraseSubjectInput } from "./schemas";

/** A workspace with the context of the command in it. */
export interface WorkspaceContext {
  slug: string;
  ctx: Context;
}

/** What a command over the whole installation did. */
export interface ErasedEverywhere {
  proofs: { slug: string; proof: ErasureDto }[];
  folders: ErasedFolders;
}

/**
 * Erases a subject in every workspace, the account with its sessions, the executor's memory and the
 * work folders of trainings. All workspaces are asked first: a refusal anywhere leaves all as it was.
 */
export async function eraseEverywhere(
  workspaces: readonly WorkspaceContext[],
  input: { subject: string; fields: string[]; dryRun: boolean },
  trainingFolder: string,
): Promise<ErasedEverywhere> {
  const { subject, fields, dryRun } = eraseSubjectInput.parse(input);
  const first = workspaces[0];
  const folders: ErasedFolders = { removed: [], left: [] };
  if (!first) return { proofs: [], folders };
  const known = await knownAccounts(first.ctx.db.pool, subject);
  const run = async (dry: boolean) => {
    const proofs: ErasedEverywhere["proofs"] = [];
    for (const { slug, ctx } of workspaces) {
      const values = { subject, fields, dryRun: dry };
      proofs.push({ slug, proof: await eraseSubject(ctx, values, { known, everywhere: true }) });
    }
    return proofs;
  };
  const dry = await run(true);
  if (dryRun) return { proofs: dry, folders };
  const proofs = await run(false);
  const texts = [subject, ...known.userIds, ...known.names];
  const salt = randomBytes(16);
  const terms = texts.map((text) => makeTerm(text, "", salt, text === subject));
  const patterns = terms.filter((term) => term.words).map((term) => term.loose);
  return { proofs, folders: await eraseFolders(trainingFolder, patterns) };
}
