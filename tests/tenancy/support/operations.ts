import fc from "fast-check";
import { createApiKey, inviteMember, listApiKeys, revokeApiKey } from "@/server/access";
import { listAudit } from "@/server/audit";
import {
  createExperiment,
  createRun,
  deleteExperiment,
  deleteRun,
  deleteTag,
  getExperiment,
  getRun,
  listExperiments,
  listRuns,
  logBatch,
  metricHistory,
  restoreRun,
  setTag,
  updateExperiment,
  updateRun,
} from "@/server/experiments";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { createModel, deleteModel, getModel, listModels, updateModel } from "@/server/registry";

type Kind = "model" | "experiment" | "run" | "apiKey";

/** What a workspace holds, as the operations made it; the model the database is held against. */
export interface Holdings {
  ctx: Context;
  ids: Record<Kind, string[]>;
}

export interface Operation {
  name: keyof typeof VERBS;
  /** Which of the two workspaces acts, and whose thing it names. */
  actor: 0 | 1;
  target: 0 | 1;
  pick: number;
  text: string;
}

interface Verb {
  /** undefined: it names nothing. */
  kind?: Kind;
  makes?: Kind;
  ends?: boolean;
  run: (ctx: Context, id: string, text: string) => Promise<unknown>;
}

const idOf = (made: unknown): string => (made as { id: string }).id;

const VERBS = {
  createModel: {
    makes: "model",
    run: (ctx, _id, name) => createModel(ctx, { name, type: "regression", framework: "xgboost" }),
  },
  getModel: { kind: "model", run: (ctx, model) => getModel(ctx, { model }) },
  updateModel: {
    kind: "model",
    run: (ctx, model, description) => updateModel(ctx, { model, description }),
  },
  deleteModel: { kind: "model", ends: true, run: (ctx, model) => deleteModel(ctx, { model }) },
  listModels: { run: (ctx) => listModels(ctx, { limit: 200 }) },
  createExperiment: {
    makes: "experiment",
    run: (ctx, _id, name) => createExperiment(ctx, { name }),
  },
  getExperiment: {
    kind: "experiment",
    run: (ctx, experiment) => getExperiment(ctx, { experiment }),
  },
  updateExperiment: {
    kind: "experiment",
    run: (ctx, experiment, description) =>
      updateExperiment(ctx, { experiment, changes: { description } }),
  },
  deleteExperiment: {
    kind: "experiment",
    ends: true,
    run: (ctx, experiment) => deleteExperiment(ctx, { experiment }),
  },
  listExperiments: { run: (ctx) => listExperiments(ctx, { limit: 200 }) },
  createRun: {
    kind: "experiment",
    makes: "run",
    run: (ctx, experimentId, name) => createRun(ctx, { experimentId, name }),
  },
  getRun: { kind: "run", run: (ctx, runId) => getRun(ctx, { runId }) },
  updateRun: {
    kind: "run",
    run: (ctx, runId, name) => updateRun(ctx, { runId, changes: { name } }),
  },
  logBatch: {
    kind: "run",
    run: (ctx, runId) =>
      logBatch(ctx, { runId, metrics: [{ key: "m", value: 1, timestamp: 1, step: 1 }] }),
  },
  metricHistory: { kind: "run", run: (ctx, runId) => metricHistory(ctx, { runId, keys: ["m"] }) },
  setTag: { kind: "run", run: (ctx, runId, value) => setTag(ctx, { runId, key: "k", value }) },
  deleteTag: { kind: "run", run: (ctx, runId) => deleteTag(ctx, { runId, key: "k" }) },
  deleteRun: { kind: "run", ends: true, run: (ctx, runId) => deleteRun(ctx, { runId }) },
  restoreRun: { kind: "run", run: (ctx, runId) => restoreRun(ctx, { runId }) },
  listRuns: { kind: "experiment", run: (ctx, experiment) => listRuns(ctx, { experiment }) },
  createApiKey: {
    makes: "apiKey",
    run: (ctx, _id, name) => createApiKey(ctx, { name, role: "viewer" }),
  },
  revokeApiKey: { kind: "apiKey", run: (ctx, id) => revokeApiKey(ctx, { id }) },
  listApiKeys: { run: (ctx) => listApiKeys(ctx) },
  inviteMember: { run: (ctx, _id, name) => inviteMember(ctx, { name, role: "viewer" }) },
  listAudit: { run: (ctx) => listAudit(ctx, { limit: 20 }) },
} satisfies Record<string, Verb>;

/** Reads and half of the writes; what makes things is rarer, so that workspaces stay small. */
export const operation: fc.Arbitrary<Operation> = fc.record({
  name: fc.constantFrom(...(Object.keys(VERBS) as (keyof typeof VERBS)[])),
  actor: fc.constantFrom(0 as const, 1 as const),
  target: fc.constantFrom(0 as const, 1 as const),
  pick: fc.nat({ max: 10_000 }),
  text: fc.stringMatching(/^[a-z]{1,3}$/),
});

/** Codes by which a verb may refuse a thing of its own workspace. */
const OWN_REFUSALS = ["not_found", "conflict", "validation_failed"];

/**
 * Does one operation and checks it: about another workspace's thing it answers not_found, about
 * its own it works or says why not, and no answer holds an id of the other workspace. Answers
 * whether it crossed over.
 */
export async function perform(
  one: Operation,
  workspaces: readonly [Holdings, Holdings],
): Promise<boolean> {
  const verb: Verb = VERBS[one.name];
  const own = workspaces[one.actor];
  const other = workspaces[one.actor === 0 ? 1 : 0];
  const whose = workspaces[one.target];
  const list = verb.kind ? whose.ids[verb.kind] : [""];
  const id = list[one.pick % (list.length || 1)];
  if (id === undefined) return false;
  const crosses = verb.kind !== undefined && one.actor !== one.target;
  const answer = await verb.run(own.ctx, id, one.text).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("error" in answer) {
    const code = answer.error instanceof AppError ? answer.error.code : String(answer.error);
    const allowed = crosses ? ["not_found"] : OWN_REFUSALS;
    if (!allowed.includes(code)) throw new Error(`${one.name} answered ${code}`);
    return crosses;
  }
  if (crosses) throw new Error(`${one.name} crossed over to ${id}`);
  refuseForeign(one.name, answer.value, other);
  if (verb.makes) own.ids[verb.makes].push(idOf(answer.value));
  if (verb.makes && own.ids[verb.makes].length > 40) own.ids[verb.makes].shift();
  return false;
}

/** Every id of the other side is looked for in the whole answer. */
function refuseForeign(name: string, value: unknown, other: Holdings): void {
  const text = JSON.stringify(value) ?? "";
  for (const ids of Object.values(other.ids)) {
    for (const id of ids) if (text.includes(id)) throw new Error(`${name} showed ${id}`);
  }
}

export const emptyHoldings = (ctx: Context): Holdings => ({
  ctx,
  ids: { model: [], experiment: [], run: [], apiKey: [] },
});
