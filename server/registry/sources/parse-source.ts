import { invalid } from "@/server/kernel/errors";

/** What a model version's source names. */
export type Source =
  | { kind: "run"; runId: string; path: string }
  | { kind: "loggedModel"; modelId: string; path: string }
  | { kind: "version"; name: string; version: string }
  /** Somewhere else; nothing of it is in our store. */
  | { kind: "elsewhere" };

const HEX = "[0-9a-fA-F]{32}";
const RUN = new RegExp(`^runs:/+(?<id>${HEX})(?:/(?<path>.+))?$`);
const MODEL = new RegExp(`^models:/+(?<id>m-${HEX})(?:/(?<path>.+))?$`);
const ARTIFACTS = new RegExp(
  `^mlflow-artifacts:/\\d{1,9}/(?:(?<run>${HEX})|models/(?<model>m-${HEX}))/artifacts(?:/(?<path>.+))?$`,
);
const VERSION = /^models:\/+(?<name>[^/@]+)(?:\/(?<version>\d{1,10})|@(?<alias>[^/]+))$/;

/**
 * Reads where a version's files are said to be. Throws validation_failed for a path of somebody's
 * machine and for one that leads elsewhere than it says (mlflow/server/handlers.py).
 */
export function parseSource(source: string): Source {
  refuseUnsafe(source);
  const run = RUN.exec(source)?.groups;
  if (run?.id) return { kind: "run", runId: run.id, path: folderOf(run.path) };
  const model = MODEL.exec(source)?.groups;
  if (model?.id) return { kind: "loggedModel", modelId: model.id, path: folderOf(model.path) };
  const files = ARTIFACTS.exec(source)?.groups;
  if (files?.run) return { kind: "run", runId: files.run, path: folderOf(files.path) };
  if (files?.model) {
    return { kind: "loggedModel", modelId: files.model, path: folderOf(files.path) };
  }
  const { name, version, alias } = VERSION.exec(source)?.groups ?? {};
  if (name && version) return { kind: "version", name, version };
  if (name && alias) return { kind: "version", name, version: `@${alias}` };
  return { kind: "elsewhere" };
}

const NAMED_RUN = /^runs:\/+(?<name>[^/]+)/;

/**
 * A version whose files are one run's is said to be no other run's: its history would be wrong.
 * Throws validation_failed.
 */
export function refuseOtherRun(source: string, run: string): void {
  const named = NAMED_RUN.exec(source)?.groups?.name ?? ARTIFACTS.exec(source)?.groups?.run;
  if (!named || run === "" || named.toLowerCase() === run.toLowerCase()) return;
  throw refuse(
    `Invalid model version source: '${source}'. The run_id request parameter must identify the resource that contains the source.`,
  );
}

const folderOf = (path: string | undefined) => (path ?? "").replace(/\/+$/, "");

const SCHEME = /^(?<scheme>[a-z][a-z0-9+.-]+):(?<rest>.*)$/is;

function refuseUnsafe(source: string): void {
  const { scheme, rest = "" } = SCHEME.exec(source)?.groups ?? {};
  if (!scheme || scheme.toLowerCase() === "file") {
    throw refuse(
      `Invalid model version source: '${source}'. To use a local path as a model version source, the run_id request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the run_id.`,
    );
  }
  const path = decodeFully(rest)
    .replace(/^\/\/[^/]*/, "")
    .replace(/[?#].*$/s, "");
  const parts = path.replaceAll(/\/+/g, "/").replace(/\/$/, "").split("/");
  const leadsAway = parts.some((part) => part === "." || part === "..");
  if (leadsAway || /[\0\\]/.test(path) || parts[0] !== "" || parts.length < 2) {
    throw refuse(
      `Invalid model version source: '${source}'. If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references present. Please provide an absolute path.`,
    );
  }
}

/** Undoes percent-encoding until nothing is left of it, as a chain of servers would. */
function decodeFully(text: string): string {
  let decoded = text;
  for (let round = 0; round < 10; round += 1) {
    const next = decoded.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    if (next === decoded) return decoded;
    decoded = next;
  }
  throw refuse("Invalid model version source: it is encoded too often.");
}

const refuse = (message: string) => invalid(message, [{ path: "source", message }]);
