import { sql } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import { AppError, asAppError, invalid } from "@/server/kernel/errors";
import type { InferenceNodes, NodeModel } from "@/server/kernel/ports";
import { NodeRejected } from "@/server/node/client";
import {
  compileSignature,
  type Signature,
  signatureSchema,
  type Tensor,
} from "@/server/protocols/open-inference/codec";

/** Answered requests of late that a candidate must answer, too. */
const REQUESTS_MAX = 5;
/** How far back they may lie, milliseconds. */
const PAST_MS = 24 * 3_600_000;

interface Candidate {
  deploymentId: string;
  versionNumber: number;
  model: NodeModel;
  /** Nodes that hold it now, and those it should be on. */
  replicas: number;
  wanted: number;
  /** What answers now; null where nothing does. */
  stableVersionId: string | null;
}

/**
 * What must hold before all traffic goes to a candidate at once: it is on as many nodes as what it
 * replaces, and it answers requests that were answered of late. (That it answers at all its nodes found
 * out when they warmed it up.) Throws unavailable while nodes are missing, validation_failed for a candidate that does
 * not answer.
 */
export async function checkCandidate(
  ctx: Context,
  nodes: InferenceNodes,
  candidate: Candidate,
): Promise<void> {
  const { model, versionNumber, replicas, wanted, stableVersionId } = candidate;
  if (stableVersionId) {
    const states = await nodes.inspect({ ...model, versionId: stableVersionId });
    const holding = states.filter((one) => one.loaded).length;
    const needed = Math.min(wanted, holding);
    if (replicas < needed) {
      const message = `Version ${versionNumber} is on ${replicas} of ${needed} nodes; nothing was switched.`;
      throw new AppError("unavailable", message, { retryAfterSeconds: 5 });
    }
  }
  const signature = signatureSchema.safeParse(model.signature).data;
  if (!signature) return;
  for (const tensors of await requestsFor(ctx, candidate, signature)) {
    await ask(nodes, candidate, tensors);
  }
}

async function requestsFor(
  ctx: Context,
  candidate: Candidate,
  signature: Signature,
): Promise<Tensor[][]> {
  const logged = await withWorkspace(ctx, (tx) => loggedInputs(tx, ctx, candidate.deploymentId));
  if (logged.length === 0) return [];
  const codec = compileSignature(signature);
  return logged.map((rows) => {
    const encoded = codec.encode(rows);
    if ("tensors" in encoded) return encoded.tensors;
    const [first] = encoded.issues;
    throw refused(candidate, `${first?.feature ?? "a row"} must be ${first?.expected}`);
  });
}

async function loggedInputs(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId" | "now">,
  deploymentId: string,
): Promise<unknown[][]> {
  const from = new Date(ctx.now().getTime() - PAST_MS).toISOString();
  const { rows } = await tx.execute<{ inputs: unknown }>(sql`
    select jsonb_path_query_array(inputs::jsonb, '$[0 to 19]') as inputs from prediction_logs
    where workspace_id = ${ctx.workspaceId} and deployment_id = ${deploymentId}
      and at >= ${from}::timestamptz and status < 400 and json_typeof(inputs) = 'array'
    order by at desc limit ${REQUESTS_MAX}`);
  return rows.map(({ inputs }) => inputs as unknown[]).filter((one) => one.length > 0);
}

async function ask(
  nodes: InferenceNodes,
  candidate: Candidate,
  tensors: readonly Tensor[],
): Promise<void> {
  try {
    await nodes.infer(candidate.model, candidate.wanted, tensors);
  } catch (error) {
    if (error instanceof NodeRejected) throw refused(candidate, error.message);
    throw asAppError(error) ?? error;
  }
}

const refused = ({ versionNumber }: Candidate, reason: string) =>
  invalid(
    `Version ${versionNumber} does not answer a request that was answered of late: ${reason}. Nothing was switched.`,
  );
