"use client";
import { TriangleAlert } from "lucide-react";
import { Button } from "@/components/ui/button";
import { formatCount } from "@/components/ui/format";
import type { UnreadDay } from "@/server/predictions/archives/unread-days";

/** Days named one by one. */
const SHOWN = 5;

const REASONS = {
  missing: "the artifact store does not hold their file any more",
  damaged: "the stored file is damaged",
  unavailable: "their file could not be read this time",
} as const satisfies Record<UnreadDay["reason"], string>;

/** Says which archived days are not in what is shown, and why. */
export function UnreadNotice({
  unread,
  onRetry,
  retrying,
}: {
  unread: readonly UnreadDay[];
  onRetry: () => void;
  retrying: boolean;
}) {
  const days = distinct(unread);
  if (days.length === 0) return null;
  const requests = days.reduce((sum, day) => sum + day.requests, 0);
  const more = days.length - SHOWN;
  return (
    <div
      role="status"
      className="flex flex-wrap items-start gap-x-3 gap-y-2 border-b bg-warning-soft px-4 py-3 text-13"
    >
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warning" />
      <div className="min-w-0 flex-1 basis-60">
        <p className="font-medium">
          {formatCount(requests)} archived {requests === 1 ? "request is" : "requests are"} not
          here, nor in downloads
        </p>
        <ul className="mt-0.5 text-fg-muted text-xs">
          {days.slice(0, SHOWN).map(({ day, reason }) => (
            <li key={`${day} ${reason}`}>
              {day}: {REASONS[reason]}
            </li>
          ))}
          {more > 0 && <li>and {formatCount(more)} more</li>}
        </ul>
      </div>
      <Button size="sm" onClick={onRetry} loading={retrying}>
        Try again
      </Button>
    </div>
  );
}

/** A day that several pages reach into is told once. */
function distinct(unread: readonly UnreadDay[]): UnreadDay[] {
  const days = new Map<string, UnreadDay>();
  for (const one of unread) {
    const key = `${one.day} ${one.reason}`;
    const known = days.get(key);
    if (!known || known.requests < one.requests) days.set(key, one);
  }
  return [...days.values()].sort((a, b) => (a.day < b.day ? 1 : -1));
}
