"use client";
import { Badge } from "@/components/ui/status";
import { useNow } from "@/components/ui/time";

export interface ApiKey {
  id: string;
  prefix: string;
  name: string;
  role: string;
  scopes: string[] | null;
  previousValidUntil: string | null;
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
  lastUsedAt: string | null;
}

const DAY_MS = 86_400_000;

/** Whether a key still works, and for how long. */
export function KeyState({ apiKey }: { apiKey: ApiKey }) {
  const now = useNow(60_000);
  if (apiKey.revokedAt) return <Badge tone="danger">revoked</Badge>;
  if (!apiKey.expiresAt) return <Badge>never expires</Badge>;
  const leftMs = new Date(apiKey.expiresAt).getTime() - now;
  if (leftMs <= 0) return <Badge tone="danger">expired</Badge>;
  const days = Math.max(1, Math.round(leftMs / DAY_MS));
  return (
    <span title={new Date(apiKey.expiresAt).toLocaleString()}>
      <Badge tone={days <= 7 ? "warning" : "idle"}>
        {days === 1 ? "1 day left" : `${days} days left`}
      </Badge>
    </span>
  );
}

/** Whether a key can still be rotated or revoked. */
export const isLive = (apiKey: ApiKey, now: number): boolean =>
  !apiKey.revokedAt && (!apiKey.expiresAt || new Date(apiKey.expiresAt).getTime() > now);

/** Keys made here; the one set at the first start is known by its word instead of a prefix. */
export const isRotatable = (apiKey: ApiKey): boolean => apiKey.prefix.startsWith("mdy_");
