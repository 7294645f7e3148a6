import { WORKSPACE_HEADER } from "@/components/trpc/client";
import type { PredictReply } from "@/server/predictions/schemas";

export interface Answer {
  reply: PredictReply;
  /** From the click to the parsed answer in this browser, milliseconds. */
  roundTripMs: number;
}

/** Calls the endpoint as any program would, over REST. Rejects with the problem body. */
export async function callPredict(
  slug: string,
  deploymentId: string,
  body: unknown,
): Promise<Answer> {
  const started = performance.now();
  const answer = await fetch(`/api/v1/deployments/${deploymentId}/predict`, {
    method: "POST",
    headers: { "content-type": "application/json", [WORKSPACE_HEADER]: slug },
    body: JSON.stringify(body),
  });
  const json: unknown = await answer.json();
  if (!answer.ok) throw json;
  return { reply: json as PredictReply, roundTripMs: performance.now() - started };
}
