import { createHmac } from "node:crypto";

const sign = (key: Buffer, content: string): string =>
  `v1,${createHmac("sha256", key).update(content).digest("base64")}`;

/**
 * Headers of a delivery for receivers written for MLflow (mlflow/webhooks/delivery.py) and for
 * Standard Webhooks (standardwebhooks.com). Both sign `id.timestamp.body` with HMAC-SHA-256; they
 * differ in the key of a secret that begins with whsec_. Without a secret nothing is signed.
 * `timestamp` is in seconds since the epoch.
 */
export function deliveryHeaders(
  delivery: { id: string; timestamp: number; body: string },
  secret: string | null,
): Record<string, string> {
  const { id, timestamp, body } = delivery;
  const at = String(timestamp);
  const headers = {
    "content-type": "application/json",
    "user-agent": "Modelyard-Webhooks/1",
    "webhook-id": id,
    "webhook-timestamp": at,
    "x-mlflow-delivery-id": id,
    "x-mlflow-timestamp": at,
  };
  if (secret === null) return headers;
  const content = `${id}.${at}.${body}`;
  const bytes = Buffer.from(secret, "utf8");
  const standard = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : bytes;
  return {
    ...headers,
    "x-mlflow-signature": sign(bytes, content),
    "webhook-signature": sign(standard, content),
  };
}
