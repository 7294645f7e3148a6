import { dirname } from "node:path/posix";
import { listRunArtifacts } from "../list-run-artifacts";
import { putRunArtifact } from "../put-run-artifact";
import type { ImportJob } from "./import-job";
import { type FileOwner, openFile, readFiles } from "./read-source";

/** Streams the files that are not here yet into the store. Answers how many there are. */
export async function copyFiles(job: ImportJob, owner: FileOwner): Promise<number> {
  const { ctx, source, counts } = job;
  let files = 0;
  let folder: { path: string; sizes: Map<string, number> } | undefined;
  for await (const { path, sizeBytes } of readFiles(source, owner)) {
    files += 1;
    const parent = dirname(path) === "." ? "" : dirname(path);
    if (folder?.path !== parent)
      folder = { path: parent, sizes: await sizesIn(job, owner, parent) };
    if (sizeBytes !== null && folder.sizes.get(path) === sizeBytes) continue;
    const content = await openFile(source, owner, path);
    const stored = await putRunArtifact(ctx, {
      owner: { kind: owner.kind, id: owner.id },
      path,
      content,
    });
    if (sizeBytes !== null && stored.sizeBytes !== sizeBytes) {
      throw new Error(`${path} came with ${stored.sizeBytes} bytes instead of ${sizeBytes}.`);
    }
    counts.files += 1;
    counts.bytes += stored.sizeBytes;
  }
  return files;
}

async function sizesIn({ ctx }: ImportJob, owner: FileOwner, path: string) {
  const place = { kind: owner.kind, id: owner.id };
  const { items } = await listRunArtifacts(ctx, { owner: place, ...(path ? { path } : {}) });
  return new Map(
    items.flatMap((item) => (item.sizeBytes === null ? [] : [[item.path, item.sizeBytes]])),
  );
}
