/** Kinds of things that leave entries. */
export const AUDIT_SUBJECTS = [
  "model",
  "version",
  "stage",
  "approval",
  "dataset",
  "training_job",
  "deployment",
  "experiment",
  "run",
  "logged_model",
  "view",
  "member",
  "invitation",
  "api_key",
  "role",
  "grant",
  "oidc_provider",
  "workspace",
  "webhook",
];

/** What programs do in passing, many times a day. */
export const ROUTINE_ACTIONS = [
  "token.*",
  "session.*",
  "artifact.stored",
  "run.tagged",
  "run.untagged",
  "run.updated",
  "experiment.tagged",
  "experiment.untagged",
  "training_job.submitted",
  "training_job.started",
].join(",");

export const ACTOR_KINDS = [
  { value: "any", label: "Anybody" },
  { value: "user", label: "People" },
  { value: "apiKey", label: "API keys" },
  { value: "job", label: "Jobs" },
  { value: "system", label: "Modelyard itself" },
] as const;

const words = (text: string): string => text.replaceAll("_", " ").replace(/^api\b/, "API");

/** `model.created` → "created model"; `member.role_changed` → "member role changed". */
export function actionText(action: string): string {
  const [noun = "", verb = ""] = action.split(".");
  return /^[a-z]+ed$/.test(verb) ? `${verb} ${words(noun)}` : `${words(noun)} ${words(verb)}`;
}

const field = (value: unknown, name: string): string | undefined => {
  if (typeof value !== "object" || value === null) return undefined;
  const found = (value as Record<string, unknown>)[name];
  return typeof found === "string" && found !== "" ? found : undefined;
};

/** The name of what an entry is about, as it was afterwards or else before. */
export const subjectName = (entry: { before: unknown; after: unknown }): string | undefined =>
  field(entry.after, "name") ?? field(entry.before, "name") ?? field(entry.after, "slug");

const PAGES: Record<string, (id: string) => string[]> = {
  model: (id) => ["registry", id],
  dataset: (id) => ["datasets", id],
  training_job: (id) => ["training", id],
  deployment: (id) => ["deployments", id],
  experiment: (id) => ["experiments", id],
  run: (id) => ["experiments", "runs", id],
};

/** Where the thing an entry is about is shown; undefined where it has no page or is gone. */
export const subjectPage = (entry: {
  action: string;
  subjectType: string;
  subjectId: string;
}): string[] | undefined =>
  entry.action.endsWith(".deleted") ? undefined : PAGES[entry.subjectType]?.(entry.subjectId);
