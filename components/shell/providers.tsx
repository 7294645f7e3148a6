"use client";
import { Tooltip } from "@base-ui/react/tooltip";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import type { ReactNode } from "react";
import { Toaster } from "sonner";
import { TrpcProvider } from "@/components/trpc/client";
import { useTheme } from "./theme";

/** What every page needs around it. */
export function Providers({ children }: { children: ReactNode }) {
  const { dark } = useTheme();
  return (
    <NuqsAdapter>
      <TrpcProvider>
        <Tooltip.Provider>{children}</Tooltip.Provider>
        <Toaster
          theme={dark ? "dark" : "light"}
          position="bottom-right"
          closeButton
          toastOptions={{ className: "text-13" }}
        />
      </TrpcProvider>
    </NuqsAdapter>
  );
}
