import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { toExpression } from "./policy";

/** Larger files hold data sets and models, which the artifact store keeps as well; bytes. */
const BYTES_MAX = 64 * 1024 * 1024;

/** Paths below the training folder. */
export interface ErasedFolders {
  removed: string[];
  /** The subject is in there, but a training still runs on it. */
  left: string[];
}

/**
 * Removes work folders of ended trainings and cached data sets that hold the subject. `patterns` are
 * those of its terms. What can be made again from the artifact store goes; running work stays.
 */
export async function eraseFolders(
  trainingFolder: string,
  patterns: readonly string[],
): Promise<ErasedFolders> {
  const done: ErasedFolders = { removed: [], left: [] };
  if (patterns.length === 0) return done;
  const expression = toExpression(patterns.join("|"));
  const entries = await readdir(trainingFolder, { recursive: true, withFileTypes: true }).catch(
    () => [],
  );
  const hits = new Set<string>();
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !(await holds(path, expression))) continue;
    const [top = "", name = ""] = relative(trainingFolder, path).split(sep);
    hits.add(join(top, name));
  }
  for (const path of hits) {
    const place = join(trainingFolder, path);
    if (!path.startsWith(`jobs${sep}`) || (await exists(join(place, "finished")))) {
      await rm(place, { recursive: true, force: true });
      done.removed.push(path);
    } else {
      done.left.push(path);
    }
  }
  return done;
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** It may go away while we look. */
async function holds(path: string, expression: RegExp): Promise<boolean> {
  const facts = await stat(path).catch(() => undefined);
  if (!facts || facts.size > BYTES_MAX) return false;
  const text = await readFile(path, "utf8").catch(() => "");
  expression.lastIndex = 0;
  return expression.test(text);
}
