import type { Readable } from "node:stream";
import type { z } from "zod";
import { type SourceClient, SourceError } from "./source-client";
import {
  experimentPage,
  filePage,
  historyPage,
  loggedModelPage,
  oneRun,
  runPage,
  type SourceExperiment,
  type SourceLoggedModel,
  type SourcePoint,
  type SourceRun,
} from "./source-schemas";

const API = "/api/2.0/mlflow";
const EXPERIMENTS_PAGE = 1000;
/** Runs come with all that they logged but the histories, so that few of them fill a page. */
const RUNS_PAGE = 100;
const MODELS_PAGE = 50;
const HISTORY_PAGE = 25_000;
/** Folders within folders; deeper ones are a loop. */
const DEPTH_MAX = 50;

/** A file or the start of a walk through files, of a run or a logged model. */
export interface SourceFile {
  path: string;
  /** null where the server does not say. */
  sizeBytes: number | null;
}

/** Follows next_page_token; `ask` gets the token of the page, empty for the first. */
async function* pages<S extends z.ZodType<{ next_page_token: string }>>(
  schema: S,
  ask: (token: string) => Promise<unknown>,
): AsyncGenerator<z.output<S>> {
  let token = "";
  do {
    const page = schema.parse(await ask(token));
    yield page;
    token = page.next_page_token;
  } while (token);
}

const tokenOf = (token: string): Record<string, string> => (token ? { page_token: token } : {});

/** Deleted ones too. */
export async function* readExperiments(source: SourceClient): AsyncGenerator<SourceExperiment> {
  const ask = (token: string) =>
    source.post(`${API}/experiments/search`, {
      max_results: EXPERIMENTS_PAGE,
      view_type: "ALL",
      order_by: ["experiment_id ASC"],
      ...tokenOf(token),
    });
  for await (const page of pages(experimentPage, ask)) yield* page.experiments;
}

/** Oldest first, deleted ones too; a run that is made meanwhile comes last. */
export async function* readRuns(source: SourceClient, id: string): AsyncGenerator<SourceRun> {
  const ask = (token: string) =>
    source.post(`${API}/runs/search`, {
      experiment_ids: [id],
      max_results: RUNS_PAGE,
      run_view_type: "ALL",
      order_by: ["attributes.start_time ASC"],
      ...tokenOf(token),
    });
  for await (const page of pages(runPage, ask)) yield* page.runs;
}

/** undefined for a run that is no more. */
export async function readRun(source: SourceClient, id: string): Promise<SourceRun | undefined> {
  try {
    return oneRun.parse(await source.get(`${API}/runs/get`, { run_id: id })).run;
  } catch (error) {
    if (error instanceof SourceError && error.status === 404) return undefined;
    throw error;
  }
}

export async function* readHistory(
  source: SourceClient,
  runId: string,
  key: string,
): AsyncGenerator<SourcePoint[]> {
  const ask = (token: string) =>
    source.get(`${API}/metrics/get-history`, {
      run_id: runId,
      metric_key: key,
      max_results: String(HISTORY_PAGE),
      ...tokenOf(token),
    });
  for await (const page of pages(historyPage, ask)) yield page.metrics;
}

/** Nothing where the server is older than logged models. */
export async function* readLoggedModels(
  source: SourceClient,
  id: string,
): AsyncGenerator<SourceLoggedModel> {
  const ask = async (token: string) => {
    try {
      return await source.post(`${API}/logged-models/search`, {
        experiment_ids: [id],
        max_results: MODELS_PAGE,
        ...tokenOf(token),
      });
    } catch (error) {
      const isUnknown = error instanceof SourceError && [404, 405].includes(error.status);
      if (!isUnknown) throw error;
      return {};
    }
  };
  for await (const page of pages(loggedModelPage, ask)) yield* page.models;
}

export type FileOwner = { kind: "run" | "model"; id: string; artifactUri: string };

/** Every file, folder by folder. */
export async function* readFiles(
  source: SourceClient,
  owner: FileOwner,
  folder = "",
  depth = 0,
): AsyncGenerator<SourceFile> {
  if (depth > DEPTH_MAX) throw new Error(`The folders of ${owner.id} are nested too deep.`);
  for await (const page of pages(filePage, (token) => askFiles(source, owner, folder, token))) {
    for (const file of page.files) {
      if (file.is_dir) yield* readFiles(source, owner, file.path, depth + 1);
      else yield { path: file.path, sizeBytes: file.file_size ?? null };
    }
  }
}

function askFiles(source: SourceClient, owner: FileOwner, folder: string, token: string) {
  const query = tokenOf(token);
  if (owner.kind === "run") {
    const path: Record<string, string> = folder ? { path: folder } : {};
    return source.get(`${API}/artifacts/list`, { run_id: owner.id, ...path, ...query });
  }
  const path: Record<string, string> = folder ? { artifact_directory_path: folder } : {};
  return source.get(`${API}/logged-models/${owner.id}/artifacts/directories`, {
    ...path,
    ...query,
  });
}

/** The bytes of a file: through the proxy of artifacts, else as the server itself reads them. */
export function openFile(source: SourceClient, owner: FileOwner, path: string): Promise<Readable> {
  const root = /^mlflow-artifacts:(?:\/\/[^/]*)?\/(?<path>.*)$/.exec(owner.artifactUri)?.groups
    ?.path;
  if (root !== undefined) {
    const whole = `${root.replace(/\/+$/, "")}/${path}`;
    const encoded = whole.split("/").map(encodeURIComponent).join("/");
    return source.stream(`/api/2.0/mlflow-artifacts/artifacts/${encoded}`);
  }
  if (owner.kind === "run") {
    return source.stream("/get-artifact", { run_uuid: owner.id, path });
  }
  return source.stream(`/ajax-api/2.0/mlflow/logged-models/${owner.id}/artifacts/files`, {
    artifact_file_path: path,
  });
}
