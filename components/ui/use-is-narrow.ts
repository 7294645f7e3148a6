"use client";
import { useSyncExternalStore } from "react";

const QUERY = "(max-width: 639px)";

/** Whether the window is too narrow for tables. False while rendering on the server. */
export const useIsNarrow = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      const media = matchMedia(QUERY);
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    () => matchMedia(QUERY).matches,
    () => false,
  );
