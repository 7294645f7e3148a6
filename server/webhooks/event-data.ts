import { and, eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { approvals, models, modelVersions, modelVersionTags } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { EVENT_NAMES, type WebhookEvent } from "./constants";

/** An event about a model as the outbox has it: ids, and the key or alias it is about. */
export interface RegistryEvent {
  name: string;
  modelId: string;
  versionId?: string | undefined;
  key?: string | undefined;
  alias?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  approvalId?: string | undefined;
  jobId?: string | undefined;
}

/** What a webhook is told of an event, and under which name. */
export interface Told {
  event: WebhookEvent;
  data: object;
}

const PROMPT_TAG = "mlflow.prompt.is_prompt";
const PROMPT_TEXT_TAG = "mlflow.prompt.text";

type Tags = Record<string, string>;

/**
 * Reads what an event is about; deleted rows too, for the event may be of that. undefined where
 * there is nothing to tell.
 */
export async function readTold(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  event: RegistryEvent,
): Promise<Told | undefined> {
  const [model] = await tx
    .select({ name: models.name, description: models.description, tags: models.tags })
    .from(models)
    .where(and(eq(models.workspaceId, ctx.workspaceId), eq(models.id, event.modelId)));
  if (!model) return undefined;
  const tags = model.tags as Tags;
  const isPrompt = tags[PROMPT_TAG]?.toLowerCase() === "true";
  const name = EVENT_NAMES[event.name]?.[isPrompt ? "prompt" : "model"];
  if (!name) return undefined;
  const { name: modelName, description } = model;
  if (!event.versionId) {
    const about = event.key
      ? { key: event.key, ...(name.endsWith(".set") ? { value: tags[event.key] ?? "" } : {}) }
      : { tags: isPrompt ? plainTags(tags) : tags, description };
    return { event: name, data: { name: modelName, ...about } };
  }
  const version = await readVersion(tx, ctx, event.versionId);
  if (!version) return undefined;
  return {
    event: name,
    data: { name: modelName, ...(await aboutVersion(tx, ctx, event, version)) },
  };
}

const plainTags = (tags: Tags): Tags =>
  Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith("mlflow.prompt.")));

async function readVersion(
  tx: Transaction,
  { workspaceId }: Pick<Context, "workspaceId">,
  versionId: string,
) {
  const v = modelVersions;
  const [row] = await tx
    .select({
      id: v.id,
      number: v.number,
      source: v.source,
      run: v.sourceRun,
      runId: v.runId,
      description: v.description,
    })
    .from(v)
    .where(and(eq(v.workspaceId, workspaceId), eq(v.id, versionId)));
  if (!row) return undefined;
  const t = modelVersionTags;
  const tags = await tx
    .select({ key: t.key, value: t.value })
    .from(t)
    .where(and(eq(t.workspaceId, workspaceId), eq(t.versionId, versionId)));
  return { ...row, tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])) as Tags };
}

type Version = NonNullable<Awaited<ReturnType<typeof readVersion>>>;

async function aboutVersion(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  event: RegistryEvent,
  version: Version,
): Promise<object> {
  const number = { version: String(version.number) };
  const { key, alias } = event;
  switch (event.name) {
    case "registry/version.registered":
      return { ...number, ...createdVersion(version) };
    case "registry/version.stage_changed":
      return { ...number, from: event.from, to: event.to };
    case "registry/version.tag_set":
      return { ...number, key, value: version.tags[key ?? ""] ?? "" };
    case "registry/version.tag_deleted":
      return { ...number, key };
    case "registry/alias.set":
      return { alias, ...number };
    case "registry/alias.deleted":
      return { alias };
    case "registry/approval.requested":
      return { ...number, approval_id: event.approvalId, ...(await stageOf(tx, ctx, event)) };
    case "predictions/batch_job.completed":
    case "predictions/batch_job.failed":
      return { ...number, batch_job_id: event.jobId };
    default:
      return number;
  }
}

function createdVersion({ tags, source, run, runId, description }: Version): object {
  const template = tags[PROMPT_TEXT_TAG];
  if (tags[PROMPT_TAG]?.toLowerCase() === "true") {
    return { template, tags: plainTags(tags), description };
  }
  return { source, run_id: run ?? runId?.replaceAll("-", "") ?? null, tags, description };
}

async function stageOf(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  { approvalId }: RegistryEvent,
): Promise<{ stage?: string }> {
  if (!approvalId) return {};
  const [row] = await tx
    .select({ stage: approvals.toStage })
    .from(approvals)
    .where(and(eq(approvals.workspaceId, ctx.workspaceId), eq(approvals.id, approvalId)));
  return row ?? {};
}
