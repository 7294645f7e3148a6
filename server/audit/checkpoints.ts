import { appendFile, mkdir, open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { desc, eq } from "drizzle-orm";
import { type Database, withWorkspace } from "@/db/client";
import { auditLog } from "@/db/schema";
import { isUuid } from "@/server/kernel/ids";
import {
  encodeVerifier,
  type NoteSigner,
  type NoteVerifier,
  newSigningKey,
  openNote,
  signerOf,
  signNote,
} from "./signed-note";

const NAME = "modelyard.audit";

/** The length and newest hash of a chain at one time, as signed. */
export interface Checkpoint {
  seq: number;
  /** Hexadecimal. */
  hash: string;
  at: string;
}

/** Where checkpoints of an installation lie: outside the database they speak of. */
export const checkpointFolder = (home: string): string => join(home, "audit-checkpoints");

const logFile = (folder: string, workspaceId: string): string =>
  join(folder, `${workspaceId}.notes`);

/** The installation's signing key, made at first use; its public half lies beside it as `verifier`. */
export async function loadSigner(folder: string): Promise<NoteSigner> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "signing-key.pem");
  // wx: of two first callers only one writes, both read the same.
  await writeFile(path, newSigningKey(), { mode: 0o600, flag: "wx" }).catch(() => undefined);
  const signer = signerOf(NAME, await readFile(path, "utf8"));
  const verifier = `${encodeVerifier(signer)}\n`;
  await writeFile(join(folder, "verifier"), verifier, { flag: "wx" }).catch(() => undefined);
  return signer;
}

/** The newest row of a workspace's chain. */
async function headOf(db: Database, workspaceId: string) {
  const [head] = await withWorkspace({ db, workspaceId }, (tx) =>
    tx
      .select({ seq: auditLog.seq, hash: auditLog.hash })
      .from(auditLog)
      .where(eq(auditLog.workspaceId, workspaceId))
      .orderBy(desc(auditLog.seq))
      .limit(1),
  );
  return head;
}

/** Signs where a workspace's chain stands and appends it to its file; nothing new, nothing written. */
export async function writeCheckpoint(
  folder: string,
  scope: { db: Database; workspaceId: string; now: () => Date },
): Promise<Checkpoint | undefined> {
  const head = await headOf(scope.db, scope.workspaceId);
  if (!head) return undefined;
  const signer = await loadSigner(folder);
  const { checkpoints } = await readCheckpoints(folder, scope.workspaceId, signer);
  const hash = head.hash.toString("hex");
  const last = checkpoints.at(-1);
  if (last && last.seq === head.seq && last.hash === hash) return undefined;
  const checkpoint = { seq: head.seq, hash, at: scope.now().toISOString() };
  const note = signNote(signer, toText(scope.workspaceId, checkpoint));
  const path = logFile(folder, scope.workspaceId);
  await appendFile(path, `${note}\n`, { mode: 0o600 });
  const file = await open(path, "r");
  await file.sync().finally(() => file.close());
  return checkpoint;
}

const toText = (workspaceId: string, one: Checkpoint): string =>
  `${NAME}/${workspaceId}\n${one.seq}\n${Buffer.from(one.hash, "hex").toString("base64")}\n${one.at}\n`;

function fromText(workspaceId: string, text: string): Checkpoint | undefined {
  const [origin, seq, hash = "", at = ""] = text.split("\n");
  if (origin !== `${NAME}/${workspaceId}` || !/^\d+$/.test(seq ?? "")) return undefined;
  return { seq: Number(seq), hash: Buffer.from(hash, "base64").toString("hex"), at };
}

/** Every checkpoint of a workspace, oldest first, and how many notes are not ours or were changed. */
export async function readCheckpoints(
  folder: string,
  workspaceId: string,
  verifier: NoteVerifier,
): Promise<{ checkpoints: Checkpoint[]; forged: number }> {
  if (!isUuid(workspaceId)) throw new Error("a workspace id is a UUID");
  const content = await readFile(logFile(folder, workspaceId), "utf8").catch(() => "");
  // A note is text, an empty line, a signature line; notes are parted by an empty line.
  const parts = content.split("\n\n").filter((part) => part.trim() !== "");
  const checkpoints: Checkpoint[] = [];
  let forged = parts.length % 2;
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const text = openNote(verifier, `${parts[at]}\n\n${parts[at + 1]}\n`);
    const one = text === undefined ? undefined : fromText(workspaceId, text);
    if (one) checkpoints.push(one);
    else forged += 1;
  }
  return { checkpoints, forged };
}
