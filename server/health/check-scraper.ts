import { createHash, timingSafeEqual } from "node:crypto";
import { AppError } from "@/server/kernel/errors";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Lets everyone in where there is no token. Throws unauthenticated for any other bearer token than it. */
export function checkScraper(token: string | undefined, authorization: string | undefined): void {
  if (token === undefined) return;
  const given = authorization?.replace(/^Bearer /i, "") ?? "";
  if (timingSafeEqual(digest(given), digest(token))) return;
  throw new AppError("unauthenticated", "Metrics are told to who shows METRICS_TOKEN.");
}
