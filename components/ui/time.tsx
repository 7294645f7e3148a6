"use client";
import { useSyncExternalStore } from "react";
import { formatDuration, formatRelative } from "./format";

/** One clock for the page; a tick a second while anybody looks. */
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const tell of listeners) tell();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The present, in milliseconds, rounded down to `everyMs` to spare repaints. */
export const useNow = (everyMs = 1000): number =>
  useSyncExternalStore(
    subscribe,
    () => Math.floor(now / everyMs) * everyMs,
    () => 0,
  );

/** How long ago, with the absolute instant as title. */
export function RelativeTime({ at }: { at: string | number | null | undefined }) {
  const present = useNow(5000);
  if (at === null || at === undefined) return <span>–</span>;
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString()} className="whitespace-nowrap">
      {formatRelative(date.getTime(), Math.max(present, date.getTime()))}
    </time>
  );
}

/** Time between two instants; grows while there is no end. */
export function Elapsed({ from, to }: { from: string | null; to: string | null }) {
  const present = useNow();
  if (!from) return <span>–</span>;
  const end = to ? new Date(to).getTime() : Math.max(present, new Date(from).getTime());
  return (
    <span className="whitespace-nowrap tabular-nums">
      {formatDuration((end - new Date(from).getTime()) / 1000)}
    </span>
  );
}
