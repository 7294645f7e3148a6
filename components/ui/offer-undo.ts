"use client";
import { toast } from "sonner";

const UNDO_MS = 10_000;
let offered: string | number | undefined;

/** Says that a change was made, and offers to take it back until the next one begins. */
export function offerUndo(text: string, undo: () => void): void {
  withdrawUndo();
  offered = toast.success(text, { duration: UNDO_MS, action: { label: "Undo", onClick: undo } });
}

/** For every change to begin with: an undo older than a later change would take back the wrong thing. */
export function withdrawUndo(): void {
  if (offered !== undefined) toast.dismiss(offered);
  offered = undefined;
}
