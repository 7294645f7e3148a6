import { artifactPathProblem } from "@/server/experiments";
import { invalidParameter } from "./errors";

/** A file or folder of a registered version. */
export interface VersionPlace {
  versionId: string;
  path: string;
}

const PLACE =
  /^versions\/(?<id>[0-9a-f]{8}(?:[0-9a-f]{4}){3}[0-9a-f]{12})\/artifacts(?:\/(?<path>.+))?$/;

/**
 * Reads `versions/<version>/artifacts/<path>`, where a version's files can be read and nothing be
 * written; undefined for any other path. Throws INVALID_PARAMETER_VALUE for an unsafe one.
 */
export function locateVersionArtifact(path: string): VersionPlace | undefined {
  if (!path.startsWith("versions/")) return undefined;
  if (artifactPathProblem(path)) throw invalidParameter("Invalid path");
  const { id, path: rest = "" } = PLACE.exec(path)?.groups ?? {};
  if (!id) return undefined;
  const versionId = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return { versionId, path: rest };
}
