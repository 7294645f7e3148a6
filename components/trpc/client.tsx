"use client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createTRPCClient,
  httpBatchLink,
  httpSubscriptionLink,
  splitLink,
  type TRPCClientErrorLike,
} from "@trpc/client";
import { createTRPCContext } from "@trpc/tanstack-react-query";
import { useParams } from "next/navigation";
import { type ReactNode, useMemo, useState } from "react";
import type { AppRouter } from "@/server/trpc/root";

const context = createTRPCContext<AppRouter>();
export const useTRPC = context.useTRPC;
export const useTRPCClient = context.useTRPCClient;

const URL = "/api/trpc";
/** Names the workspace a call is about; REST takes the same header. */
export const WORKSPACE_HEADER = "x-modelyard-workspace";

/** The workspace in the address, undefined outside of one. */
export function useSlug(): string | undefined {
  const { workspace } = useParams<{ workspace?: string }>();
  return workspace;
}

/** Characters of one call's input, and of a whole address. */
const INPUT_IN_ADDRESS_MAX = 1_500;
const ADDRESS_MAX = 7_000;

function makeClient(slug: string | undefined) {
  const batch = {
    url: URL,
    headers: () => (slug ? { [WORKSPACE_HEADER]: slug } : {}),
    maxItems: 20,
  };
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === "subscription",
        true: httpSubscriptionLink({
          // An EventSource cannot send headers, so the workspace travels in the address.
          url: slug ? `${URL}?workspace=${encodeURIComponent(slug)}` : URL,
        }),
        false: splitLink({
          // What would make an address too long for servers and proxies is asked by POST.
          condition: ({ input }) => (JSON.stringify(input)?.length ?? 0) > INPUT_IN_ADDRESS_MAX,
          true: httpBatchLink({ ...batch, methodOverride: "POST" }),
          false: httpBatchLink({ ...batch, maxURLLength: ADDRESS_MAX }),
        }),
      }),
    ],
  });
}

/** A refusal stays a refusal; only what may pass is asked again. */
function mayPass(error: unknown): boolean {
  const code = (error as Partial<TRPCClientErrorLike<AppRouter>>)?.data?.code;
  return code === undefined || code === "INTERNAL_SERVER_ERROR" || code === "SERVICE_UNAVAILABLE";
}

const makeQueryClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        refetchOnWindowFocus: true,
        retry: (failures, error) => failures < 2 && mayPass(error),
      },
      mutations: { retry: false },
    },
  });

/** tRPC over React Query. Each workspace has its own cache, so nothing leaks between them. */
export function TrpcProvider({ children }: { children: ReactNode }) {
  const slug = useSlug();
  const [caches] = useState(() => new Map<string, QueryClient>());
  const client = useMemo(() => makeClient(slug), [slug]);
  const key = slug ?? "";
  const queryClient = caches.get(key) ?? makeQueryClient();
  caches.set(key, queryClient);
  return (
    <QueryClientProvider client={queryClient}>
      <context.TRPCProvider key={key} trpcClient={client} queryClient={queryClient}>
        {children}
      </context.TRPCProvider>
    </QueryClientProvider>
  );
}
