import { type ArtifactOwner, artifactPathProblem } from "@/server/experiments";
import { invalidParameter, MlflowError } from "./errors";

/** Whose file a proxied path means, and which one; an empty path is the root of the owner's files. */
export interface ArtifactLocation {
  owner: ArtifactOwner;
  path: string;
}

/**
 * The part of a request's URL behind `marker`, each segment decoded once. It is taken from the URL
 * as it came: a parsed one has `..` resolved already. Throws INVALID_PARAMETER_VALUE for whatever
 * is no plain relative path.
 */
export function decodeUrlPath(rawUrl: string, marker: string): string {
  const pathname = rawUrl.replace(/^[a-z]+:\/\/[^/]+/i, "").split(/[?#]/, 1)[0] ?? "";
  const at = pathname.indexOf(marker);
  const encoded = at < 0 ? "" : pathname.slice(at + marker.length).replace(/^\/|\/$/g, "");
  if (encoded === "") return "";
  return encoded.split("/").map(decodeSegment).join("/");
}

function decodeSegment(segment: string): string {
  let text: string;
  try {
    text = decodeURIComponent(segment);
  } catch {
    throw invalidPath();
  }
  if (text.includes("/")) throw invalidPath();
  return text;
}

const invalidPath = () => invalidParameter("Invalid path");

const LOCATION =
  /^\d{1,9}\/(?:(?<run>[0-9a-f]{32})|models\/(?<model>m-[0-9a-f]{32})|traces\/(?<trace>[A-Za-z0-9_-]{1,100}))\/artifacts(?:\/(?<path>.+))?$/;

/**
 * Reads `<experiment>/<run>/artifacts/<path>` and the same below `models/<model>` and `traces/<trace>`.
 * Throws INVALID_PARAMETER_VALUE for an unsafe path, RESOURCE_DOES_NOT_EXIST for any other place.
 */
export function locateArtifact(path: string): ArtifactLocation {
  if (path !== "" && artifactPathProblem(path)) throw invalidPath();
  const { run, model, trace, path: rest = "" } = LOCATION.exec(path)?.groups ?? {};
  if (run) return { owner: { kind: "run", id: run }, path: rest };
  if (model) return { owner: { kind: "model", id: model }, path: rest };
  if (trace) return { owner: { kind: "trace", id: trace }, path: rest };
  throw new MlflowError(
    "RESOURCE_DOES_NOT_EXIST",
    "Artifacts live at <experiment>/<run>/artifacts, <experiment>/models/<model>/artifacts and <experiment>/traces/<trace>/artifacts.",
  );
}
