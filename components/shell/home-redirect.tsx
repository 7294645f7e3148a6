"use client";
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { useTRPC } from "@/components/trpc/client";
import { EmptyState, ErrorState } from "@/components/ui/states";
import { Logo } from "./logo";
import { findMlflowPage, readMlflowAddress } from "./mlflow-address";

/**
 * From `/` to the first workspace, or to the sign-in page. A link the MLflow client printed leads to
 * the run, experiment or model it names; `workspace` is the only one looked at then.
 */
export function HomeRedirect({ workspace }: { workspace?: string }) {
  const trpc = useTRPC();
  const router = useRouter();
  const session = useQuery(trpc.access.session.queryOptions());
  const workspaces = session.data?.workspaces.map(({ slug }) => slug) ?? [];
  const asked = workspaces.filter((slug) => workspace === undefined || slug === workspace);
  const fragment = useFragment();
  const address = fragment === null ? null : readMlflowAddress(fragment);
  const page = useQuery({
    queryKey: ["mlflow-address", fragment, asked],
    queryFn: () => address && findMlflowPage(address, asked),
    enabled: address !== null && session.data !== undefined,
  });
  const first = asked[0] ?? workspaces[0];
  const isSettled = fragment !== null && (address === null || page.isFetched);
  const overview = first && isSettled ? (page.data ?? `/${first}/overview`) : undefined;
  const target = session.data === null ? "/signin" : overview;

  // The address bar is the external system.
  useEffect(() => {
    if (target) router.replace(target);
  }, [target, router]);

  return (
    <main className="flex min-h-dvh items-center justify-center p-4">
      {session.error ? (
        <ErrorState error={session.error} onRetry={() => void session.refetch()} />
      ) : session.data && !first ? (
        <EmptyState icon={<Logo />} title="You belong to no workspace yet">
          Ask a colleague with the role admin for an invitation link.
        </EmptyState>
      ) : (
        <div role="status" className="animate-pulse">
          <Logo size={40} />
          <span className="sr-only">Loading</span>
        </div>
      )}
    </main>
  );
}

/** What follows `#` in the address; null until the browser was asked, for the server knows nothing of it. */
function useFragment(): string | null {
  const [fragment, setFragment] = useState<string | null>(null);
  // The address bar is the external system.
  useEffect(() => setFragment(window.location.hash), []);
  return fragment;
}
