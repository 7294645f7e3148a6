"use client";
import { useSyncExternalStore } from "react";

export type ThemeChoice = "system" | "light" | "dark";

/** The same key as in the script that runs before the first paint, `public/theme.js`. */
const KEY = "modelyard-theme";
const DARK = "(prefers-color-scheme: dark)";
const listeners = new Set<() => void>();

function choiceNow(): ThemeChoice {
  try {
    const stored = localStorage.getItem(KEY);
    return stored === "light" || stored === "dark" ? stored : "system";
  } catch {
    return "system";
  }
}

const darkNow = () =>
  choiceNow() === "dark" || (choiceNow() === "system" && matchMedia(DARK).matches);

function apply() {
  document.documentElement.classList.toggle("dark", darkNow());
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  const media = matchMedia(DARK);
  media.addEventListener("change", apply);
  window.addEventListener("storage", apply);
  return () => {
    listeners.delete(listener);
    media.removeEventListener("change", apply);
    window.removeEventListener("storage", apply);
  };
}

export function setTheme(choice: ThemeChoice) {
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // Without storage the choice lasts until the page is left.
  }
  apply();
}

/** The person's choice and whether the page is dark now. */
export function useTheme(): { choice: ThemeChoice; dark: boolean } {
  const choice = useSyncExternalStore(subscribe, choiceNow, () => "system" as const);
  const dark = useSyncExternalStore(subscribe, darkNow, () => false);
  return { choice, dark };
}
