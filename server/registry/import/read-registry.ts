import { z } from "zod";
import { type SourceClient, SourceError } from "@/server/experiments";

const API = "/api/2.0/mlflow";
const PAGE = 100;

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
const tags = z
  .array(z.object({ key: z.string(), value: text }))
  .nullish()
  .transform((items) => items ?? []);
const id = z.union([z.string(), z.number()]).transform(String);

const model = z.object({
  name: z.string(),
  description: text,
  tags,
  aliases: z
    .array(z.object({ alias: z.string(), version: id }))
    .nullish()
    .transform((items) => items ?? []),
});
export type SourceModel = z.output<typeof model>;

const version = z.object({
  version: z.union([z.string(), z.number()]).transform(Number),
  description: text,
  source: text,
  run_id: text,
  run_link: text,
  model_id: text,
  current_stage: text,
  tags,
});
export type SourceVersion = z.output<typeof version>;

const modelPage = z.object({
  registered_models: z.array(z.object({ name: z.string() })).default([]),
  next_page_token: text,
});
const oneModel = z.object({ registered_model: model });
const versionPage = z.object({
  model_versions: z.array(version).default([]),
  next_page_token: text,
});

/** Prompts, which stock servers keep as models and leave out unless they are asked for. */
const FILTERS = ["", "tags.`mlflow.prompt.is_prompt` = 'true'"];

/** All registered models, prompts too, each once. */
export async function* readModels(source: SourceClient): AsyncGenerator<SourceModel> {
  const seen = new Set<string>();
  for (const filter of FILTERS) {
    let token = "";
    do {
      const query = { max_results: String(PAGE), ...(filter ? { filter } : {}) };
      const asked = { ...query, ...(token ? { page_token: token } : {}) };
      const page = modelPage.parse(await source.get(`${API}/registered-models/search`, asked));
      for (const { name } of page.registered_models) {
        if (seen.has(name)) continue;
        seen.add(name);
        const reply = await source.get(`${API}/registered-models/get`, { name });
        yield oneModel.parse(reply).registered_model;
      }
      token = page.next_page_token;
    } while (token);
  }
}

/** The versions of a model, lowest number first. */
export async function readVersions(source: SourceClient, name: string): Promise<SourceVersion[]> {
  const versions: SourceVersion[] = [];
  // The filter's grammar knows no escape: a name is quoted by what it does not hold.
  const quote = name.includes("'") ? '"' : "'";
  let token = "";
  do {
    const query = { filter: `name=${quote}${name}${quote}`, max_results: String(PAGE) };
    const asked = { ...query, ...(token ? { page_token: token } : {}) };
    const page = versionPage.parse(await source.get(`${API}/model-versions/search`, asked));
    versions.push(...page.model_versions);
    token = page.next_page_token;
  } while (token);
  return versions.toSorted((a, b) => a.version - b.version);
}

/** null for what the other server does not have. */
async function found(source: SourceClient, path: string, query = {}): Promise<unknown> {
  try {
    return await source.get(path, query);
  } catch (error) {
    if (error instanceof SourceError && error.status === 404) return null;
    throw error;
  }
}

const runReply = z.object({ run: z.object({ info: z.object({ experiment_id: id }) }) });
const loggedModelReply = z.object({ model: z.object({ info: z.object({ experiment_id: id }) }) });

/** The experiment whose run or logged model a version comes from; undefined when it comes from none that is there. */
export async function readExperimentOf(
  source: SourceClient,
  from: Pick<SourceVersion, "run_id" | "model_id">,
): Promise<string | undefined> {
  if (from.run_id) {
    const reply = runReply.safeParse(
      await found(source, `${API}/runs/get`, { run_id: from.run_id }),
    );
    if (reply.success) return reply.data.run.info.experiment_id;
  }
  if (!from.model_id) return undefined;
  const path = `${API}/logged-models/${encodeURIComponent(from.model_id)}`;
  const reply = loggedModelReply.safeParse(await found(source, path));
  return reply.success ? reply.data.model.info.experiment_id : undefined;
}
