"use client";
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { useTRPC } from "@/components/trpc/client";
import { EmptyState, ErrorState } from "@/components/ui/states";
import { Logo } from "./logo";

/** From `/` to the first workspace, or to the sign-in page. */
export function HomeRedirect() {
  const trpc = useTRPC();
  const router = useRouter();
  const session = useQuery(trpc.access.session.queryOptions());
  const first = session.data?.workspaces[0];
  const target = session.data === null ? "/signin" : first ? `/${first.slug}/overview` : undefined;

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
