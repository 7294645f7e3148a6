import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { openSecret, type WebhookRow } from "./internal";
import { deliveryHeaders } from "./sign-delivery";

const TIMEOUT_MS = 10_000;
const ANSWER_BYTES = 64 * 1024;

/** What became of one try. */
export interface Try {
  /** delivered: a 2xx. again: it may work later. refused: it never will. */
  outcome: "delivered" | "again" | "refused";
  responseStatus: number | null;
  responseBody: string | null;
  error: string | null;
}

/** Too early, too many, or broken at the other end: worth another try. */
const PASSING = new Set([408, 425, 429]);

/** Posts a body to a webhook through the outbound guard, once, and follows no redirect. */
export async function sendDelivery(
  ctx: Pick<Context, "ports" | "workspaceId" | "now">,
  webhook: Pick<WebhookRow, "id" | "url" | "secret">,
  delivery: { id: string; body: string },
): Promise<Try> {
  const { outbound } = ctx.ports;
  if (!outbound) throw new AppError("unavailable", "This process calls nothing outside.");
  const timestamp = Math.floor(ctx.now().getTime() / 1000);
  const headers = deliveryHeaders({ ...delivery, timestamp }, openSecret(ctx, webhook));
  try {
    const { status, body } = await outbound.request(webhook.url, {
      method: "POST",
      headers,
      body: delivery.body,
      timeoutMs: TIMEOUT_MS,
      limitBytes: ANSWER_BYTES,
    });
    const delivered = status >= 200 && status < 300;
    const passing = status >= 500 || PASSING.has(status);
    return {
      outcome: delivered ? "delivered" : passing ? "again" : "refused",
      responseStatus: status,
      responseBody: body.toString("utf8").slice(0, 2_000),
      error: delivered ? null : `The address answered ${status}.`,
    };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return {
      outcome: error.code === "validation_failed" ? "refused" : "again",
      responseStatus: null,
      responseBody: null,
      error: error.message,
    };
  }
}
